// A shopper and an admin talk with the real binary and the bundled model through the third-party emulator.
// Usage: node conversation.mjs PATH/TO/daogou

import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { Person, start, until } from './emulator.mjs';
import { prepare, run } from './bot.mjs';

const binary = process.argv[2];
const emulator = await start();
const prepared = prepare({ admins: [900] });
let bot = run(binary, prepared, emulator.url);
const shopper = new Person(emulator.server, 42, 'zh-hans');
const admin = new Person(emulator.server, 900, 'en');
const text = (sent) => sent.map((one) => one.message.text).join('\n');
const step = (what) => console.error(`e2e: ${what}`);

try {
  step('a greeting in Chinese with examples');
  const hello = await shopper.ask('/start', { seconds: 120 });
  assert.match(text(hello), /您好/);
  assert.ok(shopper.labels().includes('退货要几天'), shopper.labels().join());

  step('a search in Chinese');
  const found = await shopper.ask('适合冬天穿的羽绒服');
  assert.match(text(found), /羽绒服/);
  assert.match(text(found), /<b>1\. .*<\/b>/);
  assert.match(text(found), /¥\d+/);
  assert.ok(shopper.labels().some((label) => label.startsWith('对比')) && shopper.labels().includes('1'));
  await until(() => !shopper.labels().includes('退货要几天'), 'the examples are spent');

  step('a refinement keeps what was said');
  const cheaper = await shopper.ask('一千以内的');
  const prices = [...text(cheaper).matchAll(/\n¥(\d+)/g)].map((match) => Number(match[1]));
  assert.ok(prices.length > 0 && prices.every((price) => price <= 1000), prices.join());
  assert.match(text(cheaper), /羽绒/);

  step('a comparison as a table');
  const compared = await shopper.pressAndWait(shopper.labels().findLast((label) => label.startsWith('对比')));
  assert.match(text(compared), /<pre>[\s\S]*价格[\s\S]*<\/pre>/);

  step('details of the second product, opened in place');
  await shopper.press('2');
  await until(() => shopper.labels().includes('▾ 2'), 'the buttons of product 2');
  const details = await shopper.pressAndWait('详情');
  assert.match(text(details), /材质|季节/);

  step('saved with a toast, the button turned around');
  const query = await shopper.press('收藏');
  await until(() => emulator.seen.answers.has(query), 'the toast');
  assert.match(emulator.seen.answers.get(query), /收藏/);
  await until(() => shopper.labels().includes('已收藏 ✓'), 'the saved button');

  step('a forged press is refused');
  const forged = shopper.client.makeCallbackQuery('AAAAAAAAAAAAAAAA.c0', {
    message: { message_id: shopper.messages().at(-1).messageId, date: 1, text: '' } });
  await shopper.client.sendCallback(forged);
  const forgedId = String(emulator.server.callbackId - 1);
  await until(() => emulator.seen.answers.has(forgedId), 'an answer to the forged press');
  assert.match(emulator.seen.answers.get(forgedId), /过期/);

  step('the conversation goes on after a restart');
  assert.equal((await bot.stop()).code, 0);
  await shopper.say('还有别的吗');
  bot = run(binary, prepared, emulator.url);
  await shopper.wait(shopper.messages().length + 1, 'the message sent while the bot was down', 60);
  assert.match(text(await shopper.ask('/saved')), /1\.|羽绒服|收藏/);

  step('English from now on');
  await shopper.ask('/language');
  assert.match(text(await shopper.pressAndWait('English')), /English/);
  assert.match(text(await shopper.ask('headphones under 500')), /in stock|left|sold out/);

  step('an admin reloads while the shopper searches');
  assert.match(text(await shopper.ask('/reload')), /no such command/);
  appendFileSync(prepared.feed, '{"id": "E2E-1", "title": {"zh": "端到端测试杯", "en": "end-to-end test mug"}, "price": 12}\n{"id": "broken"}\n');
  await admin.ask('/reload');
  const [meanwhile] = await Promise.all([
    shopper.ask('running shoes'),
    until(() => /Generation \d+ is live: 1 added, 0 changed, 0 removed, 1 lines rejected/.test(text(admin.messages())), 'the outcome of the reload', 120),
  ]);
  assert.match(text(meanwhile), /shoes/i);
  assert.match(text(await shopper.ask('/start p_E2E-1')), /end-to-end test mug/);
  assert.match(text(await admin.ask('/status')), /Catalog: generation 2/);

  step('a person is asked for');
  assert.match(text(await shopper.ask('I want to talk to a person')), /colleague|person/);

  step('a stop within ten seconds');
  const began = Date.now();
  assert.equal((await bot.stop()).code, 0);
  assert.ok(Date.now() - began < 10_000);
  console.log('e2e conversation: ok');
} catch (error) {
  console.error(shopper.messages().slice(-3).map((sent) => `${sent.message.text}\n${JSON.stringify(sent.message.reply_markup ?? {})}`).join('\n---\n'));
  throw error;
} finally {
  await bot.stop('SIGKILL');
  await emulator.stop();
  prepared.remove();
}
process.exit(0);
