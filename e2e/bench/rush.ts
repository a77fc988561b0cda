import type { ShowAnswer } from '@box-office/common/contracts/shows';
import { eventually } from '@box-office/common/testing/eventually';
import type { Person, Shop } from '../support/shop.ts';
import { type Sample, spread, timed } from './measure.ts';
import { printTable, printWanted } from './table.ts';

const atOnce = 100;

export interface RushOptions {
  readonly organiser: Person;
  /** They share the buyers' requests, because signing up costs far more than an order. */
  readonly people: readonly Person[];
  readonly units: number;
  /** How often somebody wants 1 to 4 tickets. */
  readonly buyers: number;
  /** When no more requests are made, in ms. */
  readonly withinMs: number;
}

/** Everybody wants tickets of one show at once, a hundred requests at a time, and most get none. */
export async function benchRush(shop: Shop, options: RushOptions): Promise<void> {
  const { organiser, people, units, buyers, withinMs } = options;
  const show = await onSale(shop, organiser, units);
  const times = { held: [] as Sample[], 'sold out': [] as Sample[] };
  let faults = 0;
  let next = 0;
  const startedAt = performance.now();
  let soldOutAt = Number.NaN;
  const since = () => (performance.now() - startedAt) / 1_000;

  const buyer = async () => {
    while (next < buyers && since() * 1_000 < withinMs) {
      const n = next++;
      const lines = [{ kindId: show.kinds[n % show.kinds.length]?.id, quantity: 1 + (n % 4) }];
      let answer = { status: 0, code: '' };
      const took = await timed(async () => {
        const { status, body } = await (people[n % people.length] ?? organiser).call<{ code?: string }>(
          ...(['POST', '/api/orders', { showId: show.id, lines }] as const),
        );
        answer = { status, code: body.code ?? '' };
      });
      if (answer.status === 201) times.held.push(took);
      else if (answer.code === 'sold-out') {
        if (times['sold out'].push(took) === 1) soldOutAt = since();
      } else faults++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, buyer));
  const tookS = since();

  const orders = await shop.stored('orders', 'orders', { showId: show.id, status: { $ne: 'cancelled' } });
  const held = orders.flatMap(({ tickets }) => tickets.map(({ id }: { id: string }) => id));
  const rows = Object.entries(times).map(([what, some]) => {
    const { p50, p99 } = spread(some);
    return [what, `${some.length}`, p50.toFixed(0), p99.toFixed(0)];
  });
  printTable(
    `A show of ${units} tickets, ${next} requests for 1 to 4 of them, ${atOnce} at once`,
    ['answer', 'how many', 'p50 ms', 'p99 ms'],
    rows,
  );
  console.log(
    `\n${(next / tookS).toFixed(1)} answers a second, ${tookS.toFixed(0)} s in all; sold out for the first time`,
  );
  console.log(
    `after ${soldOutAt.toFixed(0)} s: ${(times.held.length / soldOutAt).toFixed(1)} orders a second until then`,
  );
  printWanted('everybody is answered', `${faults} were not`, faults === 0);
  const twice = held.length - new Set(held).size;
  printWanted('no ticket is held twice', `${twice} of ${held.length} were`, twice === 0);
}

async function onSale(shop: Shop, organiser: Person, units: number): Promise<ShowAnswer> {
  const half = Math.floor(units / 2);
  const { body } = await organiser.call<ShowAnswer>('POST', '/api/shows', {
    ...{ title: 'Hamlet', venue: { name: 'The Globe' }, timeZone: 'Europe/London' },
    startsAt: '2099-06-01T19:00:00Z',
    kinds: [half, units - half].map((quantity, kind) => ({ name: `Kind ${kind}`, price: 1_500, quantity })),
  });
  await eventually(async () => {
    const known = await shop.stored('orders', 'known-shows', { _id: body.id, state: 'on-sale' });
    if (known.length === 0) throw new Error('the show is not on sale yet');
  }, 120_000);
  return body;
}
