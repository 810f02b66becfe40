// A shopper and two of the staff talk through the real binary: called, claimed, relayed, killed and started again, handed on, closed, rated.
// Usage: node handoff.mjs PATH/TO/daogou

import assert from 'node:assert/strict';
import { TOKEN, Person, start, until } from './emulator.mjs';
import { prepare, run } from './bot.mjs';

const GROUP = -1002000;

/** Someone of the staff, writing in the group. */
class Colleague extends Person {
  constructor(server, id) {
    super(server, id, 'zh-hans');
    this.client = server.getClient(TOKEN, { userId: id, chatId: GROUP, firstName: `P${id}`, type: 'supergroup', timeout: 5000 });
  }

  messages() {
    return this.server.storage.botMessages.filter((sent) => Number(sent.message.chat_id) === GROUP);
  }

  /** Writes in a topic; returns what is needed to change it later. */
  async write(text, topic = 1) {
    const number = this.server.messageId;
    const message = this.client.makeMessage(text, { message_thread_id: topic, is_topic_message: true });
    await this.client.sendMessage(message);
    return { ...message, message_id: number };
  }
}

const binary = process.argv[2];
const emulator = await start();
const prepared = prepare({
  group: GROUP,
  support: [
    '[support]',
    'staff = [{ id = 901, name = { zh = "小林", en = "Lin" } }, { id = 903, name = { zh = "阿达", en = "Ada" } }]',
    'canned = [{ name = "问候", text = { zh = "您好，我是{staff}。" } }]',
  ],
});
let bot = run(binary, prepared, emulator.url);
const shopper = new Person(emulator.server, 42, 'zh-hans');
const stranger = new Person(emulator.server, 66, 'zh-hans');
const lin = new Colleague(emulator.server, 901);
const ada = new Colleague(emulator.server, 903);
const step = (what) => console.error(`e2e: ${what}`);
const words = (sent) => sent.message.text ?? '';
const shows = (who, text) => who.messages().filter((sent) => words(sent).includes(text)).length;
const sees = (who, text, seconds) => until(() => shows(who, text) > 0, `${who.id} sees "${text}"`, seconds);

try {
  step('a person is called: what happens next, how long it takes, go on meanwhile');
  await shopper.ask('适合通勤的降噪耳机', { seconds: 120 });
  await shopper.ask('转人工');
  const called = words(shopper.messages().at(-1));
  assert.match(called, /同事会在这里回复您/);
  assert.match(called, /分钟/);
  assert.match(called, /继续逛/);
  await sees(lin, '要求人工');
  assert.equal(emulator.seen.topics.length, 1);
  assert.ok(lin.messages().every((sent) => Number(sent.message.message_thread_id) === 1), 'all in its topic');
  assert.match(words(lin.messages()[0]), /中文[\s\S]*转人工[\s\S]*降噪耳机[\s\S]*涉及商品/);

  step('the shopper browses while waiting, and the staff can read it');
  assert.match(words((await shopper.ask('三百以内的保温杯'))[0]), /保温杯/);
  await sees(lin, '三百以内的保温杯');

  step('both claim at once: one wins and the other is told who');
  const presses = await Promise.all([lin.press('认领'), ada.press('认领')]);
  await sees(shopper, '已接入');
  await until(() => presses.every((query) => emulator.seen.answers.has(query)), 'both presses answered');
  assert.equal(shows(shopper, '已接入'), 1);
  const [owner, other, name, otherName] = shows(shopper, '小林 已接入') ? [lin, ada, '小林', '阿达'] : [ada, lin, '阿达', '小林'];
  assert.equal(presses.filter((query) => emulator.seen.answers.get(query).includes(`${name} 已认领`)).length, 1);

  step('words, a change and a picture, both ways; the bot is silent');
  await shopper.say('这副能退吗');
  await sees(lin, '这副能退吗');
  const said = await owner.write('能退，七天');
  await sees(shopper, `${name}：能退，七天`);
  emulator.inject({ edited_message: { ...said, text: '能退，签收后七天', edit_date: said.date + 1 } });
  await sees(shopper, `${name}：能退，签收后七天`);
  assert.equal(shows(shopper, `${name}：能退，七天`), 0, 'changed in place');
  const photo = [{ file_id: 'PICTURE', file_unique_id: 'P', width: 90, height: 90, file_size: 100 }];
  const common = shopper.client.makeMessage('', {});
  const { text: _none, botToken: _token, ...bare } = common;
  emulator.inject({ message: { ...bare, message_id: 9001, photo, caption: '就是这里坏了' } });
  await sees(lin, '就是这里坏了');
  assert.equal(lin.messages().find((sent) => words(sent).includes('就是这里坏了')).message.photo, 'PICTURE');
  assert.equal(shopper.messages().filter((sent) => !/已接入|小林：|阿达：/.test(words(sent))).length, 3, 'nothing of the bot since the claim');

  step('notes, mistyped commands, colleagues who do not own it, strangers: nothing reaches the shopper');
  await owner.write('// 老顾客，客气点');
  await owner.write('/relase');
  await other.write('我插一句');
  await sees(lin, '没有发给顾客');
  await stranger.say('/claim');
  await stranger.say('/close solved');
  const claim = lin.messages()[0].message.reply_markup.inline_keyboard.flat()[0].callback_data;
  const forged = stranger.client.makeCallbackQuery(claim, { message: { message_id: lin.messages()[0].messageId, date: 1, text: '' } });
  await stranger.client.sendCallback(forged);
  const forgedId = String(emulator.server.callbackId - 1);
  await until(() => emulator.seen.answers.has(forgedId), 'the forged press is answered');

  step('killed in the middle and started again: nothing is lost or doubled, the bot stays silent');
  await bot.stop('SIGKILL');
  await shopper.say('还在吗');
  await owner.write('在的，我查一下');
  bot = run(binary, prepared, emulator.url);
  await sees(lin, '还在吗', 60);
  await sees(shopper, `${name}：在的，我查一下`, 60);

  step('a canned reply waits for a tap');
  await owner.press('常用回复');
  await sees(lin, '选一条常用回复');
  await owner.press('问候');
  await sees(lin, '📝 草稿');
  assert.equal(shows(shopper, '您好，我是'), 0);
  await owner.press('发送');
  await sees(shopper, `${name}：您好，我是${name}。`);

  step('handed to the colleague, who alone speaks now');
  await owner.press('转给同事');
  await sees(lin, '转给谁');
  await owner.press(otherName);
  await sees(shopper, `由 ${otherName} 继续为您服务`);
  await owner.write('我再补一句');
  await other.write('我来处理');
  await sees(shopper, `${otherName}：我来处理`);

  step('closed with a reason, rated with one tap, and the bot is back');
  await other.press('结束');
  await sees(lin, '为什么结束');
  await other.press('已解决');
  await sees(shopper, '这次人工服务怎么样');
  await shopper.press('★★★★★');
  await sees(lin, '顾客评价：★★★★★');
  await sees(shopper, '谢谢评价');
  assert.match(words((await shopper.ask('三百以内的保温杯'))[0]), /保温杯/);
  for (const never of ['老顾客', 'relase', '我插一句', '我再补一句']) assert.equal(shows(shopper, never), 0, never);
  for (const once of ['还在吗', '这副能退吗', '就是这里坏了']) assert.equal(shows(lin, `: ${once}`), 1, once);
  for (const once of ['在的，我查一下', '我来处理', '签收后七天']) assert.equal(shows(shopper, once), 1, once);
  assert.ok(stranger.messages().every((sent) => !/认领|已接入|保温杯/.test(words(sent))), 'the stranger learned nothing');
  console.log('e2e handoff: ok');
} catch (error) {
  for (const who of [shopper, lin]) console.error(`--- ${who.id}\n${who.messages().slice(-6).map(words).join('\n')}`);
  throw error;
} finally {
  await bot.stop('SIGKILL');
  await emulator.stop();
  prepared.remove();
}
process.exit(0);
