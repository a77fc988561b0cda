import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const tasks = await readFile(join(root, 'infra/tasks/do.yml'), 'utf8');

const doctl = await execa('doctl', ['version']).catch((error: Error) => error);
const reason = doctl instanceof Error ? doctl.message.split('\n')[0] : undefined;
if (reason)
  console.warn(
    `SKIPPED  The commands of infra/tasks/do.yml are not checked against doctl: ${reason}. What helps: task doctor`,
  );

/** All shell commands of a Taskfile, as text. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, it]) => (['desc', 'msg', 'prompt'].includes(key) ? [] : textsIn(it)));
}

/** Each command that begins with doctl, as words. A substitution by Task or the shell counts as a word. */
function commandsIn(text: string): string[][] {
  const plain = text
    // Innermost substitutions first.
    .replace(/\{\{.*?\}\}/g, 'X')
    .replace(/"([^"]*?)\$\(X\)([^"]*?)"/g, '"$1X$2"');
  return [...plain.matchAll(/(?:^|\$\()doctl ((?:"[^"]*"|[^"|&;)\n])+)/g)].map(([, words = '']) =>
    [...words.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ''),
  );
}

const commands = textsIn(parse(tasks)).flatMap(commandsIn);

/**
 * The objections of doctl: with --help it parses the command and its options without executing it.
 */
async function objection(words: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout, stderr } = await execa('doctl', [...words, '--help'], {
    reject: false,
    env: { DIGITALOCEAN_ACCESS_TOKEN: 'none', HOME: '/nonexistent' },
  });
  if (exitCode !== 0) return stderr || stdout;
  const [, usage = ''] = /^Usage:\s+doctl ([^\n]*)/m.exec(stdout) ?? [];
  const path = usage.replace(/ ?[<[].*$/, '').split(' ');
  if (usage.includes('[command]') || path.some((word, index) => words[index] !== word))
    return `doctl knows no command ${words.join(' ')}, but ${usage}`;
  return undefined;
}

it('is found in the file, word by word', () => {
  expect(commands.length).toBeGreaterThan(15);
  expect(commands).toContainEqual(['databases', 'firewalls', 'append', 'X', '--rule', 'k8s:X']);
  expect(commandsIn('doctl a "b c" | awk 1 && $(doctl d --e)')).toEqual([
    ['a', 'b c'],
    ['d', '--e'],
  ]);
});

(reason ? describe.skip : describe)('doctl', () => {
  it.each(commands.map((words) => [words.join(' '), words] as const))('knows %s', async (_command, words) => {
    expect(await objection(words)).toBeUndefined();
  });

  it.each([
    ['kubernetes', 'cluster', 'make', 'box-office'],
    ['kubernetes', 'cluster', 'create', 'box-office', '--area', 'fra1'],
    ['databases', 'create', 'box-office', '--num-nodes', 'three'],
    ['databases'],
  ])('objects to %s %s %s', async (...words) => {
    expect(await objection(words)).toEqual(expect.any(String));
  });
});

describe('the user of a service', () => {
  it('is created for one database, and its address printed for a shell', async () => {
    const asked: unknown[] = [];
    const api = createServer((req, res) => {
      const chunks: Buffer[] = [];
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      req.on('end', () => {
        asked.push(req.url, req.headers.authorization, JSON.parse(Buffer.concat(chunks).toString()));
        res.writeHead(201).end(JSON.stringify({ user: { name: 'orders', role: 'normal', password: 'p@ss/word' } }));
      });
    });
    await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
    try {
      const { stdout } = await execa(process.execPath, [join(import.meta.dirname, 'mongo-user.mjs'), 'orders'], {
        env: {
          DIGITALOCEAN_API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
          DIGITALOCEAN_ACCESS_TOKEN: 'token',
          ID: 'the-id',
          URI: 'mongodb+srv://doadmin:secret@private-1.ondigitalocean.com/admin?tls=true&replicaSet=box-office',
        },
      });
      expect(asked).toEqual([
        '/v2/databases/the-id/users',
        'Bearer token',
        { name: 'orders', settings: { mongo_user_settings: { databases: ['orders'], role: 'readWrite' } } },
      ]);
      expect(stdout).toBe(
        // It contains only the new user, limited to one database, and majority writes.
        "export ORDERS_MONGO_URL='mongodb+srv://orders:p%40ss%2Fword@private-1.ondigitalocean.com/orders?tls=true&replicaSet=box-office&authSource=admin&w=majority&journal=true'",
      );
    } finally {
      api.close();
    }
  });
});
