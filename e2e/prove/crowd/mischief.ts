import { setTimeout as sleep } from 'node:timers/promises';
import { apis } from '@box-office/docs/apis';
import { z } from 'zod';
import type { Guest, Person } from '../../support/shop.ts';
import type { Asking } from './asking.ts';
import { type Cell, type Deal, forbidden } from './forbidden.ts';

export interface MischiefOptions {
  readonly asking: Asking;
  readonly seed: number;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly buyers: readonly Person[];
  /** Who has nothing to do with any sale. */
  readonly guest: Guest;
  /** A sale in progress or finished; none at the very beginning. */
  readonly deal: () => Deal | undefined;
  /** The same, with somebody who waits in line as the buyer. */
  readonly inLine: () => Deal | undefined;
  /** A sale whose ticket the shop shows as sold. */
  readonly sold: () => Deal | undefined;
  /** A ticket that its seller has withdrawn. */
  readonly withdrawn: () => { readonly id: string; readonly seller: Person } | undefined;
}

export interface Mischief {
  readonly cells: readonly string[];
  /** Tries the next forbidden request; in turn, so that even a short run tries all of them. */
  tryNext(): Promise<void>;
  /** Tries what has not been tried yet, as far as there is a target for it. */
  tryTheRest(): Promise<void>;
}

const beginsInMs = 1_500;
const triedAtOnce = 4;
/** How much two reads of one clock may differ. */
const clockGrainMs = 50;

const Listed = z.object({ id: z.string() });

type Trick = () => Promise<unknown> | undefined;

/** Tries what must be refused: every route as every role that may not use it, and every change at the wrong moment. */
export function mischief(options: MischiefOptions): Mischief {
  const { asking, buyers, guest, pick, deal } = options;
  const cells = forbidden(apis.flatMap(({ routes }) => routes));
  const untried = new Set<Cell>(cells);
  const tricks: Trick[] = [...cells.map((cell) => () => tryCell(cell)), ...wrongMoments(options)];
  let next = 0;

  function tryCell(cell: Cell): Promise<unknown> | undefined {
    const at = (cell.route.includes('/waiting-list/') ? options.inLine() : undefined) ?? deal();
    if (!at) return undefined;
    untried.delete(cell);
    const { method, path, body } = cell.request(at);
    const wrong = { why: `as ${cell.role}`, refusals: cell.refusals, cell: cell.name };
    return asking.command(personFor(cell, at), method, path, body, { wrong });
  }

  function personFor({ role }: Cell, at: Deal): Guest {
    const other = () => pick(buyers.filter(({ id }) => id !== at.buyer.id));
    switch (role) {
      case 'nobody':
        return { ...at.seller, token: '' };
      case 'forger':
        return { ...at.seller, token: 'f'.repeat(43) };
      case 'stranger':
        return other();
      case 'guest':
        return guest;
      case 'seller':
        return at.seller;
      case 'buyer':
        return at.buyer;
    }
  }

  return {
    cells: cells.map(({ name }) => name),
    async tryNext() {
      // Some need a sale that does not exist yet; the first one needs none, so this ends.
      for (let looked = 0; looked < tricks.length; looked++) {
        const tried = tricks[next++ % tricks.length]?.();
        if (tried) return void (await tried);
      }
    },
    async tryTheRest() {
      const left = untried.values();
      const tryInTurn = async () => {
        for (const cell of left) await tryCell(cell);
      };
      await Promise.all(Array.from({ length: triedAtOnce }, tryInTurn));
    },
  };
}

/** What its owner may do, but not now, and invalid requests. */
function wrongMoments({ asking, seed, pick, buyers, sold, withdrawn }: MischiefOptions): Trick[] {
  const details = { title: `Nothing of run ${seed}`, price: 1_000 };
  const { command, onceHeard } = asking;
  const tooLate = { refusals: [409] };

  /** Lists a ticket for a show that is about to begin, and orders it just after that. */
  async function orderOnceBegun(): Promise<void> {
    const startsAt = Date.now() + beginsInMs;
    const [seller, buyer] = [pick(buyers), pick(buyers)];
    const body = {
      ...details,
      title: `Begins at ${startsAt}, of run ${seed}`,
      startsAt: new Date(startsAt).toISOString(),
    };
    const listed = Listed.safeParse((await command(seller, 'POST', '/api/tickets', body)).answer?.body).data;
    if (!listed || seller.id === buyer.id) return;
    await sleep(Math.max(startsAt + clockGrainMs - Date.now(), 0));
    // 404 while orders has not received the ticket yet.
    const wrong = { refusals: [404, 409], why: 'for a show that has begun' };
    await onceHeard(() => command(buyer, 'POST', '/api/orders', { ticketId: listed.id }, { wrong }));
  }

  return [
    () =>
      command(
        pick(buyers),
        'POST',
        '/api/tickets',
        { ...details, price: 19.99 },
        { wrong: { why: 'at a price with a fraction', refusals: [400] } },
      ),
    () =>
      command(
        pick(buyers),
        'POST',
        '/api/tickets',
        { ...details, price: 49, currency: 'eur' },
        { wrong: { why: 'at a price that Stripe does not charge', refusals: [400] } },
      ),
    () =>
      command(pick(buyers), 'POST', '/api/tickets', details, {
        headers: { 'Content-Encoding': 'gzip' },
        wrong: { why: 'with a compressed body', refusals: [415] },
      }),
    () =>
      command(pick(buyers), 'POST', '/api/auth/signout', undefined, {
        headers: { Authorization: '', 'Sec-Fetch-Site': 'cross-site', Origin: 'https://elsewhere.example' },
        wrong: { why: 'from another site', refusals: [403] },
      }),
    () => {
      const it = sold();
      const wrong = { why: 'of a version that is long past', refusals: [409, 412] };
      const headers = { 'If-Match': '"0"' };
      return it && command(it.seller, 'PUT', `/api/tickets/${it.ticketId}`, details, { wrong, headers });
    },
    () =>
      command(
        pick(buyers),
        'POST',
        '/api/payments/webhook',
        { id: 'evt_forged', object: 'event', type: 'payment_intent.succeeded', data: { object: {} } },
        {
          headers: { 'Stripe-Signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` },
          wrong: { why: 'signed by nobody', refusals: [400] },
        },
      ),
    () => {
      const it = sold();
      const wrong = { ...tooLate, why: 'of a ticket that is sold' };
      return it && command(it.seller, 'PUT', `/api/tickets/${it.ticketId}`, details, { wrong });
    },
    () => {
      const it = sold();
      const wrong = { ...tooLate, why: 'of a ticket that is sold' };
      return it && command(it.seller, 'DELETE', `/api/tickets/${it.ticketId}`, undefined, { wrong });
    },
    () => {
      const it = sold();
      const wrong = { ...tooLate, why: 'for a ticket that is sold' };
      return it && command(pick(buyers), 'POST', '/api/orders', { ticketId: it.ticketId }, { wrong });
    },
    () => {
      const it = sold();
      const wrong = { ...tooLate, why: 'of an order that is complete' };
      return it && command(it.buyer, 'DELETE', `/api/orders/${it.orderId}`, undefined, { wrong });
    },
    () => {
      const it = sold();
      const wrong = { ...tooLate, why: 'for an order that is complete' };
      return it && command(it.buyer, 'POST', '/api/payments', { orderId: it.orderId }, { wrong });
    },
    () => {
      const startsAt = new Date(Date.now() - 1_000).toISOString();
      const wrong = { why: 'of a show that has begun', refusals: [400] };
      return command(pick(buyers), 'POST', '/api/tickets', { ...details, startsAt }, { wrong });
    },
    orderOnceBegun,
    () => {
      const it = withdrawn();
      const wrong = { ...tooLate, why: 'of a ticket that is withdrawn' };
      return it && command(it.seller, 'PUT', `/api/tickets/${it.id}`, details, { wrong });
    },
  ];
}
