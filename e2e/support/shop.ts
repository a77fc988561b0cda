import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { eventually } from '@box-office/common/testing/eventually';
import { type Platform, type PlatformOptions, startPlatform } from '@box-office/local/platform';
import { MongoClient } from 'mongodb';
import { type Guest, type Person, type Visitor, visitor } from './visitor.ts';

export type { Guest, Person };

/** A whole platform for one test. */
export interface Shop extends Visitor {
  readonly platform: Platform;
  /** The platform's state folder. */
  readonly dir: string;
  /** Resolves once orders knows the ticket, so that it can be ordered. */
  known(ticket: Ticket): Promise<void>;
  /** A service's database. */
  // biome-ignore lint/suspicious/noExplicitAny: documents as they lie there
  stored(service: string, collection: string, filter?: object): Promise<any[]>;
  end(): Promise<void>;
}

/** Settings of orders for a test in which one person orders more than people do. */
export const ordersWithoutLimits = { MAX_LIVE_ORDERS: '0', MAX_UNPAID_PER_DAY: '0', MAX_WAITING: '0' };

/** Opens a shop in a new folder, or in the given one; either is removed at the end. */
export async function openShop({
  dir: given,
  ...options
}: Omit<PlatformOptions, 'dir'> & { dir?: string }): Promise<Shop> {
  const dir = given ?? (await mkdtemp(join(tmpdir(), 'box-office-shop-')));
  const lines: string[] = [];
  const platform = await startPlatform({
    ...options,
    dir,
    logs(name, line) {
      lines.push(`${name} ${line}`);
      if (lines.length > 200) lines.shift();
      options.logs?.(name, line);
    },
  }).catch((error) => {
    throw new Error(`the platform did not start; its last lines:\n${lines.slice(-40).join('\n')}`, { cause: error });
  });
  const mongo = new MongoClient(platform.addresses.mongo ?? '');
  const shop: Shop = {
    ...visitor(platform.url, platform.addresses.stripe ?? ''),
    platform,
    dir,

    async known(ticket) {
      await eventually(async () => {
        const [copy] = await shop.stored('orders', 'known-tickets', { _id: ticket.id });
        if (!copy) throw new Error(`orders never heard of ticket ${ticket.id}`);
      });
    },

    async stored(service, collection, filter = {}) {
      return mongo.db(service).collection(collection).find(filter).toArray();
    },

    async end() {
      await mongo.close();
      await platform.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return shop;
}
