import { lookup } from 'node:dns/promises';
import type { KnownProcess } from '../config.ts';

/** The processes to look at, which may come and go where a name stands for several. */
export interface Members {
  /** As they were last found. */
  list(): readonly KnownProcess[];
  /** Asks for the addresses of the names. */
  look(): Promise<void>;
}

type AddressesOf = (host: string) => Promise<readonly string[]>;

/**
 * What is marked with `replicas` is looked at replica by replica, `orders-1` and `orders-2`: one address that led to
 * any of them would show now this one's figures and now that one's. A replica keeps its number for as long as its
 * address is there, so that the figures of one are not taken for another's.
 */
export function members(known: readonly KnownProcess[], addressesOf: AddressesOf = addressesInDns): Members {
  const places = new Map<string, (string | undefined)[]>();

  async function membersOf(it: KnownProcess): Promise<KnownProcess[]> {
    if (!it.replicas) return [it];
    const url = new URL(it.url);
    const addresses = await addressesOf(url.hostname).catch((): string[] => []);
    const before = places.get(it.name) ?? [];
    const now = before.map((address) => (address !== undefined && addresses.includes(address) ? address : undefined));
    for (const address of addresses) {
      if (now.includes(address)) continue;
      const free = now.indexOf(undefined);
      now[free < 0 ? now.length : free] = address;
    }
    places.set(it.name, now);
    const found = now.flatMap((address, place) => {
      if (address === undefined) return [];
      const own = `${url.protocol}//${address.includes(':') ? `[${address}]` : address}:${url.port}`;
      return [{ ...it, name: `${it.name}-${place + 1}`, url: own }];
    });
    // Where there is none, that is what is to be seen.
    return found.length > 0 ? found : [it];
  }

  let found: readonly KnownProcess[] = known;
  return {
    list: () => found,
    async look() {
      found = (await Promise.all(known.map(membersOf))).flat();
    },
  };
}

async function addressesInDns(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address).toSorted();
}
