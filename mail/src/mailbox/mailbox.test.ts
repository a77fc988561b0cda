import { OrderCompleted } from '@box-office/common/contracts/orders';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import { type MailUnderTest, mailUnderTest, orderOf } from '../mail-under-test.ts';
import type { MailboxMail } from './mailbox.ts';

let mail: MailUnderTest;
let app: Parameters<typeof request>[0];

beforeAll(async () => {
  mail = await mailUnderTest();
  ({ app } = await mail.replica());
});

afterAll(() => mail.end());

const get = (path: string, host = 'localhost:3000') => request(app).get(path).set('Host', host);

async function mailFor(title: string): Promise<MailboxMail> {
  const { id, email } = await mail.person({ name: 'Ann' });
  const order = orderOf(id, { status: 'complete' });
  await announce(mail.parts.bus, OrderCompleted, { ...order, ticket: { ...order.ticket, title } });
  return eventually(async () => {
    const { body } = await get(`/mailbox.json?${new URLSearchParams({ to: email })}`).expect(200);
    expect(body).toHaveLength(1);
    return body[0];
  });
}

describe('the mailbox', () => {
  it('shows each mail as HTML, text and source, and runs nothing of it', async () => {
    const title = '<script>alert(1)</script>';
    const { id, to } = await mailFor(title);
    const list = await get('/mailbox').expect(200);
    expect(list.text).toContain(to);
    const { text, headers } = await get(`/mailbox/${id}`)
      .expect(200)
      .expect('Content-Type', /text\/html/);
    expect(text).not.toContain('<script');
    expect(text).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
    expect(text).toContain('Auto-Submitted: auto-generated');
    expect(text).toContain('Hello Ann,');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['cache-control']).toBe('no-store');
  });

  it('has no header more for a title with a line break', async () => {
    const { source } = await mailFor('Opera\r\nBcc: everybody@example.com');
    const [headers = ''] = source.split('\r\n\r\n');
    expect(headers).toMatch(/^Subject: /m);
    expect(headers).not.toMatch(/^Bcc/im);
  });

  it('answers this machine alone, whatever name leads to it', async () => {
    for (const path of ['/mailbox', '/mailbox.json', '/mailbox/1']) {
      await get(path, 'evil.example').expect(403);
      await get(path, 'localhost.evil.example:80').expect(403);
    }
    await get('/mailbox', '127.0.0.1:9').expect(200);
    await request(app).post('/mailbox').set('Host', 'localhost').expect(405);
    await get('/mailbox/ffffffffffffffffffffffff').expect(404);
  });

  it('leaves all other paths to the service', async () => {
    await get('/healthz/live', 'evil.example').expect(200);
    await get('/mailboxes').expect(404);
    await get('/api/mail/refused').expect(401);
  });
});

it('does not exist where a mail server is set', async () => {
  const other = await mailUnderTest({ SMTP_URL: 'smtp://127.0.0.1:1' });
  const { app } = await other.replica();
  await request(app).get('/mailbox').set('Host', 'localhost').expect(404);
  await other.end();
});
