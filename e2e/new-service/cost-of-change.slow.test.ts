import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { copySources } from '../support/copy.ts';
import { type Copy, copyIn } from './copy-of-platform.ts';

/** A copy of the sources, and a whole platform that runs from it, beside other tests. */
const withinMs = 600_000;

/** What somebody types, file by file: what stands there already, and what is put behind it. */
type ByHand = Readonly<Record<string, readonly (readonly [after: string, text: string])[]>>;

/**
 * Sellers praise a ticket. Whoever keeps copies of tickets hears of it without a line; another listener would be the
 * third file.
 */
const event: ByHand = {
  'common/src/contracts/tickets.ts': [
    [
      '',
      `\nexport const TicketPraised = defineEvent({ type: 'ticket.praised', announcedBy: 'tickets', data: Ticket, summary: 'Its seller praised a ticket.' });\n`,
    ],
  ],
  'tickets/src/ticket.ts': [
    ['TicketCreated,\n', '  TicketPraised,\n'],
    [
      '',
      '\nexport const praise = (ticket: Ticket): Change<Ticket> => changed({ ...ticket, title: ticket.title.concat("!") }, TicketPraised);\n',
    ],
  ],
};

/** They do so through a route; its decision is the one above. */
const route: ByHand = {
  'tickets/src/routes.ts': [
    [
      'routes: [\n',
      `route('POST /api/tickets/:id/praise', { who: 'signedIn', summary: 'Praise a ticket', answers: { 200: { description: 'The ticket', body: Ticket } }, async handle({ params }) { return { status: 200, body: snapshot(await tickets.change(params.id, praise)) }; } }),\n`,
    ],
    ['snapshot, ', 'praise, '],
  ],
};

let dir: string;
let copy: Copy;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'box-office-change-'));
  await copySources(resolve(import.meta.dirname, '../..'), dir);
  copy = copyIn(dir);
  for (const edits of [event, route]) for (const [file, texts] of Object.entries(edits)) await put(file, texts);
}, withinMs);

afterAll(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));

async function put(file: string, texts: ByHand[string]): Promise<void> {
  let content = await readFile(join(dir, file), 'utf8');
  for (const [after, text] of texts) {
    const end = after === '' ? content.length : content.indexOf(after) + after.length;
    expect([file, after, content.includes(after)]).toEqual([file, after, true]);
    content = content.slice(0, end) + text + content.slice(end);
  }
  await writeFile(join(dir, file), content);
}

it('is at most three files by hand for an event, and two for a route', () => {
  expect(Object.keys(event).length).toBeLessThanOrEqual(3);
  expect(Object.keys({ ...route, 'tickets/src/ticket.ts': [] }).length).toBeLessThanOrEqual(2);
});

it(
  'is enough: the documents know of both, and the shop does it',
  async () => {
    expect(await copy.run('docs/generate/main.ts')).toMatchObject({ exitCode: 0 });
    const documented = async (file: string) => readFile(join(dir, 'docs', file), 'utf8');
    expect(await documented('events.md')).toContain('ticket.praised');
    expect(await documented('openapi/tickets.json')).toContain('/api/tickets/{id}/praise');
    await copy.opened(async (shop) => {
      const seller = await shop.person();
      const ticket = await shop.sell(seller, { title: 'Opera' });
      await expect(seller.call('POST', `/api/tickets/${ticket.id}/praise`)).resolves.toMatchObject({ status: 200 });
      await eventually(async () => {
        const { body } = await seller.call('GET', `/api/tickets/${ticket.id}`);
        expect(body).toMatchObject({ title: 'Opera!', version: 1 });
      });
      // Orders have heard of it, for they copy whatever tickets announce.
      const order = await eventually(async () => {
        const buyer = await shop.person();
        const { status, body } = await buyer.call('POST', '/api/orders', { ticketId: ticket.id });
        expect(status).toBe(201);
        // Their copy may still be the one before; then the ticket has to be free for the next look.
        if (body.ticket.title !== 'Opera!') await buyer.call('DELETE', `/api/orders/${body.id}`);
        expect(body.ticket.title).toBe('Opera!');
        return body;
      });
      expect(order.ticket.id).toBe(ticket.id);
    });
  },
  withinMs,
);
