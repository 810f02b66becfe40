// Draws a conversation as a phone shows it, from what the bot really sent: the real binary talks through the emulator.
// Usage: node picture.mjs PATH/TO/daogou OUT.svg LANGUAGE STEP...      a step is a message, or !LABEL to press a button

import { writeFileSync } from 'node:fs';
import { Person, start, until } from './emulator.mjs';
import { prepare, run } from './bot.mjs';

const WIDTH = 430, MARGIN = 12, PAD = 10, SIZE = 14, LINE = 20, BUBBLE = 352, BUTTON = 30;
const COLOURS = { back: '#cfe0c3', bot: '#ffffff', me: '#e3fdcb', text: '#111b21', faint: '#5a6a72', link: '#2f7cb5', button: '#8fae85' };

/** Holds the conversation; what each side said, in order, as the chat shows it at the end. */
async function converse(binary, language, steps) {
  const emulator = await start();
  const prepared = prepare();
  const bot = run(binary, prepared, emulator.url, { DAOGOU_LOG: 'error' });
  const shopper = new Person(emulator.server, 42, language);
  const said = [];
  try {
    for (const step of steps) {
      const before = shopper.messages().length;
      if (step.startsWith('!')) await shopper.press(step.slice(1));
      else {
        said.push({ from: 'me', html: escape(step) });
        await shopper.say(step);
      }
      await until(() => shopper.messages().length > before || step.startsWith('!'), `an answer to ${step}`, 120);
      for (let count = -1; count !== shopper.messages().length;) {
        count = shopper.messages().length;
        await new Promise((later) => setTimeout(later, 700));
      }
      for (let place = before; place < shopper.messages().length; place++) said.push({ from: 'bot', place });
    }
    return said.map((one) => {
      if (one.from === 'me') return one;
      const { message } = shopper.messages()[one.place];
      return { from: 'bot', html: message.text, rows: message.reply_markup?.inline_keyboard ?? [] };
    });
  } finally {
    await bot.stop();
    await emulator.stop();
    prepared.remove();
  }
}

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const unescape = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
const isWide = (character) => /[\u1100-\u115f\u2e80-\uffef]|[\u{1f300}-\u{1faff}]/u.test(character);
const widthOf = (text, style) => [...text].reduce((sum, character) => {
  if (style === 'pre') return sum + (isWide(character) ? 2 : 1) * SIZE * 0.535;
  return sum + SIZE * (isWide(character) ? 1.0 : /[A-Z@%★]/.test(character) ? 0.7 : /[il.,' ]/.test(character) ? 0.32 : 0.56);
}, 0);

/** Lines of styled runs that fit the bubble. */
function layOut(html) {
  const lines = [];
  let line = [], room = BUBBLE - 2 * PAD;
  const open = [];
  // As Telegram shows it, a quotation or a table ends its line: the line end after it adds none.
  let isBlockEnd = false;
  const finish = () => {
    lines.push({ runs: line, quote: open.includes('blockquote'), pre: line.some((run) => run.style === 'pre') });
    line = [];
    room = BUBBLE - 2 * PAD;
  };
  for (const part of html.split(/(<[^>]+>)/)) {
    const tag = part.match(/^<(\/?)([a-z]+)>$/);
    if (tag) {
      const isBlock = ['blockquote', 'pre'].includes(tag[2]);
      if (isBlock && line.length) finish();
      isBlockEnd = isBlock && tag[1] === '/';
      if (tag[1]) open.splice(open.lastIndexOf(tag[2]), 1);
      else open.push(tag[2]);
      continue;
    }
    const style = open.includes('pre') ? 'pre' : open.at(-1) ?? '';
    for (const token of unescape(part).match(/\n|[ \t]+|[\u0021-\u02ff]+|./gu) ?? []) {
      if (token === '\n') {
        if (!isBlockEnd) finish();
        isBlockEnd = false;
        continue;
      }
      isBlockEnd = false;
      const width = widthOf(token, style);
      if (width > room && line.length && style !== 'pre' && !/[，。：；！？、）”》]/.test(token)) finish();
      if (!line.length && token.trim() === '' && style !== 'pre') continue;
      room -= width;
      if (line.at(-1)?.style === style) line.at(-1).text += token;
      else line.push({ text: token, style });
    }
  }
  if (line.length) finish();
  return lines;
}

const STYLES = { b: 'font-weight="bold"', i: `font-style="italic" fill="${COLOURS.faint}"`, s: `text-decoration="line-through" fill="${COLOURS.faint}"`, blockquote: '', '': '' };

function draw(said) {
  const out = [];
  let y = MARGIN;
  for (const { from, html, rows = [] } of said) {
    const lines = layOut(html);
    const widest = Math.max(...lines.map(({ runs }) => runs.reduce((sum, run) => sum + widthOf(run.text, run.style), 0)));
    const width = from === 'me' ? Math.min(BUBBLE, widest + 2 * PAD + 4) : BUBBLE;
    const x = from === 'me' ? WIDTH - MARGIN - width : MARGIN;
    const height = lines.length * LINE + 2 * PAD - 4;
    out.push(`<rect x="${x.toFixed(0)}" y="${y}" width="${width.toFixed(0)}" height="${height}" rx="12" fill="${COLOURS[from]}"/>`);
    lines.forEach(({ runs, quote, pre }, row) => {
      const base = y + PAD + row * LINE + 13;
      if (quote) out.push(`<rect x="${x + PAD - 3}" y="${base - 14}" width="3" height="${LINE}" fill="${COLOURS.link}"/>`);
      if (!runs.length) return;
      const at = x + PAD + (quote ? 6 : 0);
      if (pre) {
        // Each cell stands where its column is, whatever width a font gives to its characters.
        const text = runs.map((run) => run.text).join('');
        for (const cell of text.matchAll(/\S+( \S+)*/g)) {
          const left = at + widthOf(text.slice(0, cell.index), 'pre');
          out.push(`<text class="pre" x="${left.toFixed(0)}" y="${base}">${escape(cell[0])}</text>`);
        }
        return;
      }
      const spans = runs.map((run) => `<tspan ${STYLES[run.style] ?? ''}>${escape(run.text)}</tspan>`);
      out.push(`<text x="${at.toFixed(0)}" y="${base}" xml:space="preserve">${spans.join('')}</text>`);
    });
    y += height + 4;
    for (const row of rows) {
      const each = (BUBBLE - 4 * (row.length - 1)) / row.length;
      row.forEach((button, place) => {
        const left = MARGIN + place * (each + 4);
        out.push(`<rect x="${left.toFixed(1)}" y="${y}" width="${each.toFixed(1)}" height="${BUTTON}" rx="8" fill="${COLOURS.button}"/>`);
        const label = escape(button.text) + (button.url ? ' ↗' : '');
        out.push(`<text class="button" x="${(left + each / 2).toFixed(1)}" y="${y + 20}" text-anchor="middle">${label}</text>`);
      });
      y += BUTTON + 4;
    }
    y += 8;
  }
  const style = `text{font:${SIZE}px system-ui,'Noto Sans','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;fill:${COLOURS.text};white-space:pre}`
    + `.pre{font-family:ui-monospace,'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace;font-size:12.5px}.button{fill:#fff;font-size:13px}`;
  return [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + MARGIN}" width="${WIDTH}" height="${y + MARGIN}">`,
    `<style>${style}</style>`, `<rect width="100%" height="100%" rx="16" fill="${COLOURS.back}"/>`, ...out, '</svg>', ''].join('\n');
}

const [binary, file, language, ...steps] = process.argv.slice(2);
writeFileSync(file, draw(await converse(binary, language, steps)));
process.exit(0);
