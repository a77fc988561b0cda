import { join } from 'node:path';
import type { Fields } from '@box-office/ops/audit/view';
import { execa } from 'execa';
import { booksOf } from './books.ts';
import type { Shop } from './shop.ts';

const root = join(import.meta.dirname, '../..');

export type Settings = Readonly<Record<string, string>>;

/** A shop's databases and Stripe, as `npm run audit` takes them from the environment. */
export function settingsOf(shop: Shop): Settings {
  const at = booksOf(shop);
  return {
    TICKETS_MONGO_URL: at.tickets,
    ORDERS_MONGO_URL: at.orders,
    PAYMENTS_MONGO_URL: at.payments,
    STRIPE_SECRET_KEY: at.stripeKey,
    STRIPE_API_URL: at.stripeUrl,
  };
}

const noSettings = Object.fromEntries(
  ['TICKETS_MONGO_URL', 'ORDERS_MONGO_URL', 'PAYMENTS_MONGO_URL', 'STRIPE_SECRET_KEY'].map((name) => [name, '']),
);

/** Runs the command as npm does, with these settings and no others. */
export async function runAudit(args: readonly string[], settings: Settings) {
  const program = join(root, 'node_modules/.bin/node');
  const options = { env: { ...noSettings, ...settings }, reject: false } as const;
  const { stdout, stderr, exitCode } = await execa(program, [join(root, 'ops/audit/main.ts'), ...args], options);
  return { stdout, stderr, exitCode };
}

interface Found {
  readonly compared: number;
  readonly moving: number;
  readonly mismatches: readonly { view: string; id: string; held: Fields | null; owned: Fields | null }[];
  readonly left?: readonly unknown[];
}

/** What it says for machines. */
export async function auditAsJson(args: readonly string[], settings: Settings) {
  const { stdout, stderr, exitCode } = await runAudit(['--json', ...args], settings);
  expect(stderr).toBe('');
  return { ...(JSON.parse(stdout) as Found), exitCode };
}
