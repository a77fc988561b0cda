import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Order } from '@box-office/common/contracts/orders';
import { eventually } from '@box-office/common/testing/eventually';
import { audit, type Mismatch, repair } from '@box-office/ops/audit/audit';
import { everything } from '@box-office/ops/audit/everything';
import { asJson } from '@box-office/ops/audit/print';
import type { Stored } from '@box-office/ops/audit/view';
import type { Saved, Saver } from './backup.ts';
import { withBooks } from './books.ts';
import { withJetStream } from './jetstream.ts';
import type { Shop } from './shop.ts';

/** The services whose events others keep copies of; auth only tells mail what to send. */
export const announcing = ['tickets', 'orders', 'payments'] as const;
type Database = (typeof announcing)[number] | 'auth';
type Backup = Partial<Record<Database, Saved>>;

/** How long a difference must last before the audit counts it. */
const steadyMs = 800;

/** What the person who restores a shop does, step by step: see docs/operations.md, "Restore". */
export interface Operator {
  saved(names: readonly Database[]): Promise<Backup>;
  putBack(backup: Backup): Promise<void>;
  /** All with events, and these. */
  stopServices(...more: string[]): Promise<void>;
  startServices(...more: string[]): Promise<void>;
  loseDatabases(): Promise<void>;
  /** Replaces it by nothing, or by an earlier backup. */
  replaceJetStream(how?: { keepIn?: string; by?: string }): Promise<void>;
  /** Hours have passed since the backup. */
  longAgo(order: Order): Promise<void>;
  /** The orders with a timer in JetStream. */
  timers(): Promise<string[]>;
  /** `npm run audit`: everything that differs between two places. */
  audited(): Promise<readonly Mismatch[]>;
  /** `npm run audit -- --repair`: what still differs. */
  repaired(): Promise<readonly Mismatch[]>;
  untilAllAgree(): Promise<void>;
  /** Runs the block of the guide that contains `does`, with the findings of the audit, in a service's database. */
  asTheGuideSays(does: string, service: 'orders' | 'payments', found: readonly Mismatch[]): Promise<void>;
}

export function operator(shop: Shop, saver: Saver): Operator {
  const services = [...announcing, 'expiration'];
  const each = async (names: readonly string[], act: (name: string) => Promise<void>) => {
    await Promise.all(names.map(act));
  };

  async function saved(names: readonly Database[]): Promise<Backup> {
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await saver.save(name)] as const)));
  }

  async function putBack(backup: Backup): Promise<void> {
    for (const it of Object.values(backup)) await it.bringBack();
  }

  async function loseDatabases(): Promise<void> {
    await shop.platform.stopOne('mongo');
    await rm(join(shop.dir, 'mongo'), { recursive: true });
    await shop.platform.restart('mongo');
  }

  async function replaceJetStream({ keepIn, by }: { keepIn?: string; by?: string } = {}): Promise<void> {
    const store = join(shop.dir, 'nats', 'jetstream');
    await shop.platform.stopOne('nats');
    if (keepIn) await cp(store, keepIn, { recursive: true });
    else {
      await rm(store, { recursive: true });
      if (by) await cp(by, store, { recursive: true });
    }
    await shop.platform.restart('nats');
  }

  async function longAgo({ id }: Order): Promise<void> {
    const expiresAt = new Date(Date.now() - 3_600_000).toISOString();
    await withBooks(shop, async ({ orders, payments }) => {
      await orders.documents.updateOne({ _id: id }, { $set: { expiresAt } });
      await payments.collection('payable-orders').updateOne({ _id: id }, { $set: { expiresAt } });
    });
  }

  async function timers(): Promise<string[]> {
    const { state } = await withJetStream(shop.platform.operator, (manager) =>
      manager.streams.info('expiration', { subjects_filter: 'expiration.*.timer' }),
    );
    return Object.keys(state.subjects ?? {}).map((subject) => subject.split('.')[1] ?? '');
  }

  const audited = () =>
    withBooks(shop, async (books) => {
      const { compared, mismatches } = await audit(everything(books), steadyMs);
      expect(compared).toBeGreaterThan(0);
      return mismatches;
    });

  const repaired = () =>
    withBooks(shop, async (books) => {
      const { mismatches } = await audit(everything(books), steadyMs);
      return repair(mismatches, 12_000);
    });

  /** mongosh awaits promises by itself; here it must be explicit. */
  async function asTheGuideSays(does: string, service: 'orders' | 'payments', found: readonly Mismatch[]) {
    const guide = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
    const blocks = [...guide.matchAll(/^ *```js\n([\s\S]*?)^ *```$/gm)];
    const block = blocks.find(([, code = '']) => code.includes(does))?.[1];
    if (!block) throw new Error(`the guide has no block with ${does}`);
    const fs = { readFileSync: () => asJson({ compared: 0, moving: 0, mismatches: found }) };
    await withBooks(shop, async (books) => {
      const written: Promise<unknown>[] = [];
      const db = new Proxy(books[service].collection, {
        get: (collection, name) => ({
          insertOne: (document: Stored) => written.push(collection(String(name)).insertOne(document)),
        }),
      });
      new Function('db', 'fs', block)(db, fs);
      expect(written.length).toBeGreaterThan(0);
      await Promise.all(written);
    });
  }

  return {
    ...{ saved, putBack, loseDatabases, replaceJetStream, longAgo, timers, audited, repaired, asTheGuideSays },
    stopServices: (...more) => each([...services, ...more], shop.platform.stopOne),
    startServices: (...more) => each([...services, ...more], shop.platform.restart),
    untilAllAgree: () => eventually(async () => expect(namesOf(await audited())).toEqual([])),
  };
}

export const namesOf = (some: readonly Mismatch[]) => some.map(({ view, id }) => `${view.name} ${id}`).toSorted();
