import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OrderCompleted } from '@box-office/common/contracts/orders';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { tryLock } from '@box-office/local/lock.mjs';
import { type MailUnderTest, mailUnderTest, orderOf } from '@box-office/mail/mail-under-test';
import { execa } from 'execa';

const node = join(import.meta.dirname, '../../node_modules/.bin/node');
const script = join(import.meta.dirname, 'main.ts');

let mail: MailUnderTest;
let server: Server;
let url: string;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mails-'));
  mail = await mailUnderTest();
  server = createServer((await mail.replica()).app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await mail.end();
  await rm(dir, { recursive: true, force: true });
});

const mails = (...args: readonly string[]) => execa(node, [script, ...args], { reject: false });

it('prints the mails of the running platform, as lines and as JSON', async () => {
  const { id, email } = await mail.person();
  const order = orderOf(id, { status: 'complete' });
  await announce(mail.parts.bus, OrderCompleted, order);
  const state = join(dir, 'state');
  const lock = tryLock(`${state}.lock`);
  if (!lock.taken) throw new Error('the lock is taken');
  lock.note({ mailUrl: url });
  const found = await eventually(async () => {
    const { stdout } = await mails('--json', '--state', state, '--to', email);
    const [first] = JSON.parse(stdout);
    expect(first).toBeDefined();
    return first;
  });
  expect(found).toMatchObject({
    to: email,
    subject: 'Your ticket: Opera',
    messageId: `<${order.id}.paid@shop.example>`,
  });
  expect(found.html).toContain('</html>');
  expect(found.text).toContain(`https://shop.example/orders/${order.id}`);
  expect(found.source).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  const { stdout } = await mails('--state', state);
  expect(stdout).toContain(`${email}  Your ticket: Opera`);
  lock.release();
});

it.each([
  ['no platform runs', ['--state', '/nowhere/at/all'], 'No platform is running here'],
  ['the address is none', ['--url', 'nonsense'], '"nonsense" is no address'],
  ['nothing answers', ['--url', 'http://127.0.0.1:9'], 'Nothing answers at http://127.0.0.1:9'],
] as const)('says so when %s', async (_, args, message) => {
  const { stderr, exitCode } = await mails(...args);
  expect(stderr).toContain(message);
  expect(exitCode).toBe(2);
});
