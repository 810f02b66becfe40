// The Bot API emulator `telegram-test-api` behind a shim that mends what it lacks (../shared/NOTES.md): is_bot in getMe,
// non-null results, chat_instance, seconds in dates, long polls, updates kept until confirmed, 200 for methods it does not know.

import http from 'node:http';
import emulator from 'telegram-test-api';

export const TOKEN = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';

/** Starts both; returns the emulator, the address for the bot, and what the emulator does not keep. */
export async function start() {
  const port = 20000 + Math.floor(Math.random() * 20000);
  const EmulatorServer = emulator.default ?? emulator;
  const server = new EmulatorServer({ port, host: '127.0.0.1', storeTimeout: 600 });
  await server.start();
  const seen = { answers: new Map(), unknown: [], topics: [] };
  const pending = [];
  const shim = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const method = request.url.split('/').pop();
    const send = (code, value) => {
      response.writeHead(code, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    if (!request.url.startsWith(`/bot${TOKEN}/`)) return send(401, { ok: false, error_code: 401, description: 'Unauthorized' });
    const parameters = body.length && request.headers['content-type']?.includes('json') ? JSON.parse(body) : {};
    if (method === 'getUpdates') return send(200, { ok: true, result: await poll(server, pending, parameters) });
    if (method === 'createForumTopic') {
      seen.topics.push(parameters.name);
      return send(200, { ok: true, result: { message_thread_id: seen.topics.length, name: parameters.name, icon_color: 1 } });
    }
    if (method === 'sendPhoto' && typeof parameters.photo === 'string') {
      const result = server.addBotMessage({ ...parameters, text: parameters.caption ?? '' }, TOKEN);
      return send(200, { ok: true, result: { ...result, date: Math.floor(result.date / 1000) } });
    }
    if (method === 'answerCallbackQuery') seen.answers.set(String(parameters.callback_query_id), parameters.text ?? '');
    const answer = await fetch(`http://127.0.0.1:${port}${request.url}`, {
      method: 'POST', headers: { 'content-type': request.headers['content-type'] ?? 'application/json' }, body,
    });
    const value = await answer.json().catch(() => ({ ok: false }));
    if (!value.ok && /not supported/.test(value.description ?? value.message ?? '')) {
      seen.unknown.push(method);
      return send(200, { ok: true, result: true });
    }
    if (!value.ok) return send(400, { ok: false, error_code: 400, description: value.description ?? 'Bad Request' });
    if (method === 'getMe') value.result.is_bot = true;
    if (value.result === null || value.result === undefined) value.result = true;
    if (value.result.date > 1e11) value.result.date = Math.floor(value.result.date / 1000);
    send(200, value);
  });
  await new Promise((listening) => shim.listen(0, '127.0.0.1', listening));
  const stop = async () => {
    shim.closeAllConnections();
    shim.close();
    await server.stop();
  };
  // An update of a kind that the emulator does not make, such as a changed message.
  const inject = (update) => pending.push({ update_id: server.updateId++, ...update });
  return { server, url: `http://127.0.0.1:${shim.address().port}`, seen, inject, stop };
}

/** Holds a poll until there is something to tell; tells it again until the bot confirms it by its offset. */
async function poll(server, pending, { offset = 0, timeout = 0 }) {
  const end = Date.now() + Math.min(timeout, 25) * 1000;
  for (;;) {
    while (pending.length && pending[0].update_id < offset) pending.shift();
    for (const update of server.getUpdates(TOKEN)) {
      const message = update.message ?? update.callback_query.message;
      message.date = message.date > 1e11 ? Math.floor(message.date / 1000) : message.date ?? Math.floor(Date.now() / 1000);
      if (update.callback_query) update.callback_query.chat_instance = '4242';
      pending.push(update);
    }
    if (pending.length || Date.now() >= end) return pending;
    await new Promise((later) => setTimeout(later, 20));
  }
}

/** A person who talks with the bot through the emulator. */
export class Person {
  constructor(server, id, language) {
    this.server = server;
    this.id = id;
    this.language = language;
    this.client = server.getClient(TOKEN, { userId: id, chatId: id, firstName: `P${id}`, timeout: 5000 });
    this.presses = 0;
  }

  /** The bot's messages to this person as they stand now. */
  messages() {
    return this.server.storage.botMessages.filter((sent) => Number(sent.message.chat_id) === this.id);
  }

  async say(text) {
    const from = { from: { language_code: this.language } };
    if (text.startsWith('/')) await this.client.sendCommand(this.client.makeCommand(text, from));
    else await this.client.sendMessage(this.client.makeMessage(text, from));
  }

  /** Says something and waits for so many more messages of the bot; returns them. */
  async ask(text, { more = 1, seconds = 20 } = {}) {
    const before = this.messages().length;
    await this.say(text);
    return this.wait(before + more, `an answer to ${text}`, seconds, before);
  }

  async wait(count, what, seconds = 20, from = 0) {
    await until(() => this.messages().length >= count, `${what} (chat ${this.id})`, seconds);
    return this.messages().slice(from);
  }

  /** The newest button with this label, with its message. */
  button(label) {
    for (const sent of [...this.messages()].reverse()) {
      const rows = sent.message.reply_markup?.inline_keyboard ?? [];
      const button = rows.flat().find((one) => one.text === label);
      if (button) return { sent, button };
    }
    throw new Error(`no button ${label}; there are: ${this.labels().join(' | ')}`);
  }

  labels() {
    return this.messages().flatMap((sent) => (sent.message.reply_markup?.inline_keyboard ?? []).flat().map((one) => one.text));
  }

  /** Presses the newest button with this label. */
  async press(label) {
    const { sent, button } = this.button(label);
    const query = this.client.makeCallbackQuery(button.callback_data, {
      from: { language_code: this.language },
      message: { message_id: sent.messageId, date: Math.floor(Date.now() / 1000), text: sent.message.text },
    });
    await this.client.sendCallback(query);
    return String(this.server.callbackId - 1);
  }

  async pressAndWait(label, { more = 1, seconds = 20 } = {}) {
    const before = this.messages().length;
    await this.press(label);
    return this.wait(before + more, `an answer to the button ${label}`, seconds, before);
  }
}

export async function until(isSo, what, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((later) => setTimeout(later, 20));
  }
}
