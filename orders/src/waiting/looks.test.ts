import type { Show } from '@box-office/common/contracts/shows';
import { parts, useOrders } from '../orders-under-test.ts';
import { changeTo, kindOf } from '../shows/shows-under-test.ts';
import { type KeptLook, type Looks, looksIn } from './looks.ts';
import { cancel, type SoldOut, soldOut } from './waiting-under-test.ts';

useOrders(undefined, { everyMs: 0 });

/** A show at which somebody has looked a while after it was sold out. */
async function looked(more: Partial<Show> = {}): Promise<SoldOut & { readonly looks: Looks }> {
  const made = await soldOut(1, more);
  parts.now.forward(5_000);
  const looks = looksIn(parts.connection, parts.now);
  looks.note({ show: made.show, at: parts.now(), line: 'anna' });
  return { ...made, looks };
}

describe('a show with a waiting list', () => {
  it('is looked at once, and not again while nothing changes', async () => {
    const { looks, show } = await looked();
    expect(await looksIn(parts.connection, parts.now).isDue(show.id, 'anna')).toBe(true);
    expect(await looks.isDue(show.id, 'anna')).toBe(false);
    parts.now.forward(30_000);
    expect(await looks.isDue(show.id, 'anna')).toBe(false);
  });

  it('is looked at again when one of its orders changes', async () => {
    const { looks, show, orders } = await looked();
    await cancel(orders[0]);
    expect(await looks.isDue(show.id, 'anna')).toBe(true);
  });

  it('is not looked at again when an order for another show changes', async () => {
    const { looks, show } = await looked();
    await cancel((await soldOut(1)).orders[0]);
    expect(await looks.isDue(show.id, 'anna')).toBe(false);
  });

  it('is looked at again when the organiser changes it', async () => {
    const { looks, show } = await looked();
    await changeTo({ ...show, version: 4, kinds: [{ ...kindOf(show), quantity: 2, made: 2 }] });
    expect(await looks.isDue(show.id, 'anna')).toBe(true);
  });

  it('is looked at again when its line changes', async () => {
    const { looks, show } = await looked();
    expect(await looks.isDue(show.id, 'ben')).toBe(true);
  });

  it('is looked at again when it begins, and after a minute in any case', async () => {
    const { looks, show } = await looked();
    const startsAt = new Date(parts.now().getTime() + 10_000).toISOString();
    looks.note({ show: { ...show, startsAt }, at: parts.now(), line: 'anna' });
    parts.now.forward(10_000);
    expect(await looks.isDue(show.id, 'anna')).toBe(true);
    looks.note({ show, at: parts.now(), line: 'anna' });
    parts.now.forward(60_000);
    expect(await looks.isDue(show.id, 'anna')).toBe(true);
  });

  it('takes no more memory the more seats it has', async () => {
    const { show } = await soldOut(1);
    const seats = Array.from({ length: 1_000 }, (_, index) => `Row ${index}`);
    const kept = new Map<string, KeptLook>();
    const look = { show: { ...show, kinds: [{ ...kindOf(show), seats }] }, at: parts.now(), line: 'anna' };
    looksIn(parts.connection, parts.now, kept).note(look);
    expect(JSON.stringify(kept.get(show.id)).length).toBeLessThan(500);
  });
});
