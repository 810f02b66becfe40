// The real binary, run against a Bot API address with its own data directory.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOKEN } from './emulator.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A data directory, a copy of the sample feed that a test may change, and a configuration that names them. */
export function prepare({ admins = [], ops, group, support = [] } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'daogou-e2e-'));
  cpSync(path.join(root, 'catalog/products.jsonl'), path.join(folder, 'products.jsonl'));
  const config = path.join(folder, 'daogou.toml');
  writeFileSync(config, [
    `data_dir = ${JSON.stringify(path.join(folder, 'data'))}`,
    '[shop]', `feed = ${JSON.stringify(path.join(folder, 'products.jsonl'))}`,
    ...['reviews.jsonl', 'policies', 'orders.jsonl', 'synonyms.txt'].map(
      (name) => `${name.split('.')[0]} = ${JSON.stringify(path.join(root, 'catalog', name))}`),
    '[model]', `path = ${JSON.stringify(path.join(root, 'models/daogou-compact.gguf'))}`,
    '[telegram]', `admins = ${JSON.stringify(admins)}`, 'burst_ms = 150', 'messages_per_second = 5000',
    ...(group ? [`support_group = ${group}`] : []), ...support,
    '[ops]', `listen = ${JSON.stringify(ops ?? '127.0.0.1:0')}`, '',
  ].join('\n'));
  return { folder, config, feed: path.join(folder, 'products.jsonl'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function run(binary, prepared, url, environment = {}) {
  const child = spawn(binary, ['serve', '--config', prepared.config], {
    env: { ...process.env, TELOXIDE_TOKEN: TOKEN, TELOXIDE_API_URL: url, OMP_WAIT_POLICY: 'passive', DAOGOU_LOG: 'warn', ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  return { child, ended, stop: async (signal = 'SIGTERM') => { child.kill(signal); return ended; } };
}
