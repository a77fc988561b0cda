import { join } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { localSecrets } from '@box-office/local/secrets';
import { identityOf } from './attack/jwt.ts';
import { residentMemory } from './bench/memory.ts';
import { builtShop } from './support/built-shop.ts';
import { openShop, type Person, type Shop } from './support/shop.ts';
import { type Stalled, stall, strangersAt } from './support/stalled.ts';
import { statusOf } from './support/status-of.ts';

const mega = 1_000_000;

/** What a process may hold of bodies that have not arrived: docs/security-rules.md. */
const heldBytes = 16 * mega;
/** What it reads of a request before anything asks for its body: `highWaterMark` of its server. */
const unreadBytes = 16_384;
/** What is neither: what growing bodies leave behind until it is collected, and code that runs for the first time. */
const otherBytes = 48 * mega;

const atOnce = 100;

describe('bodies that strangers never finish', () => {
  let shop: Shop;
  let seller: Person;
  let stalled: Stalled | undefined;

  beforeAll(async () => {
    shop = await openShop({ client: await builtShop() });
    seller = await shop.person();
    await shop.sell(seller);
    for (const path of ['/', '/signin']) await statusOf(shop.platform.url, path, {});
  }, 900_000);

  afterEach(() => stalled?.end());

  afterAll(() => shop?.end());

  const memory = () => residentMemory(shop.platform.pids());

  async function heldByAuth(): Promise<number> {
    const metrics = await (await fetch(`${shop.platform.addresses.auth}/metrics`)).text();
    return Number(/^http_request_body_bytes_held\S* (\d+)$/m.exec(metrics)?.[1]);
  }

  /** How many bytes more than before each process takes meanwhile, at most. */
  async function mostGrown(act: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = await memory();
    const grown: Record<string, number> = {};
    const look = async () => {
      for (const [name, bytes] of Object.entries(await memory()))
        grown[name] = Math.max(grown[name] ?? 0, bytes - (before[name] ?? 0));
      return true;
    };
    const acting = act();
    while (await Promise.race([acting.then(() => false), look()]));
    await look();
    return grown;
  }

  it('take no process more memory than the limits allow, and everybody else is served meanwhile', async () => {
    const { addresses, url } = shop.platform;
    const identity = identityOf(await localSecrets(join(shop.dir, 'secrets.json')), seller.id);
    const { requests, counts } = strangersAt(addresses, { atOnce, identity });
    const serve = async (most: number, leastHeld: number) => {
      stalled = stall(requests.map((it) => ({ ...it, bytes: Math.min(it.bytes, most) })));
      await eventually(async () => expect(await heldByAuth()).toBeGreaterThan(leastHeld));
      expect(await statusOf(url, '/', {})).toBe(200);
      await shop.sell(await shop.person());
    };
    // First of two bytes each, so that what so many requests cost anyway is there already.
    await serve(2, 0);
    stalled?.end();
    const grown = await mostGrown(() => serve(mega, heldBytes / 2));
    const tooMuch = Object.entries(grown).filter(
      ([name, bytes]) => bytes > heldBytes + unreadBytes * (counts.get(name) ?? 0) + otherBytes,
    );
    expect(tooMuch).toEqual([]);
  });

  it('are not kept by the pages, which read none', async () => {
    const { client = 0 } = await mostGrown(() => {
      stalled = stall(
        Array.from({ length: 45 }, (_, number) => ({
          // Past the gateway, which would not let them through.
          url: shop.platform.addresses.client ?? '',
          method: number % 3 === 0 ? 'GET' : 'POST',
          path: '/signin',
          bytes: 9_900_001,
        })),
      );
      return stalled.sent;
    });
    // 75 to 100 of what passes through; it is 300 when the bodies of the 30 POSTs are kept.
    expect(client / mega).toBeLessThan(200);
  });
});
