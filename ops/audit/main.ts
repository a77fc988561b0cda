import { cannotRun, commandLine } from '@box-office/common/command';
import { ConfigError } from '@box-office/common/config';
import { clusterOf, clusterOptions, KubectlFailed } from '../cluster/kubectl.ts';
import { audit, repair } from './audit.ts';
import { type Addresses, type Books, openBooks } from './books.ts';
import { everything } from './everything.ts';
import { booksInCluster } from './in-cluster.ts';
import { asJson, inWords, outcome, summary } from './print.ts';
import { CannotRun, findBooks } from './where.ts';

const { values, positive } = commandLine({
  name: 'npm run audit',
  does: 'compares every copy with its owner, and the money with Stripe',
  options: {
    repair: { does: 'has everything that differs announced again' },
    json: { does: 'for machines' },
    wait: { value: 'SECONDS', default: '10', does: 'how long a difference must stay the same to count' },
    state: { value: 'FOLDER', does: 'audits the npm start with this state folder' },
    ...clusterOptions,
  },
  notes: [
    'Of the running npm start, of a cluster whose Secrets you may read, or of TICKETS_MONGO_URL, ORDERS_MONGO_URL, PAYMENTS_MONGO_URL and STRIPE_SECRET_KEY (and STRIPE_API_URL).',
    'Exits with 0 when all agree, with 1 when something differs (after --repair: still differs), with 2 when it could not be run.',
  ],
});

/** The owner's relay checks its outboxes every 5 s; a busy one takes longer. */
const repairPatienceMs = 20_000;
/** Through a forwarded port, or from far away, a database takes longer to answer. */
const forwardedWithinMs = 20_000;

const print = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const { json, wait, state, repair: repairs } = values;
  const how = { json, steadyMs: positive('wait', wait) * 1_000, repairs };
  const cluster = clusterOf(values);
  if (!cluster) return opened(await findBooks(process.env, state), how);
  if (state !== undefined) throw new CannotRun('Either --context or --state.');
  const { addresses, end } = await booksInCluster(cluster);
  try {
    return await opened(addresses, how, forwardedWithinMs);
  } finally {
    end();
  }
}

async function opened(at: Addresses, how: Wanted, withinMs?: number): Promise<number> {
  const books = await openBooks(at, withinMs);
  try {
    return await run(books, how);
  } finally {
    await books.close();
  }
}

interface Wanted {
  readonly json: boolean;
  readonly steadyMs: number;
  readonly repairs: boolean;
}

async function run(books: Books, { json, steadyMs, repairs }: Wanted): Promise<number> {
  const findings = await audit(everything(books), steadyMs);
  const { mismatches } = findings;
  if (!json) {
    for (const it of mismatches) print(inWords(it));
    print(`${mismatches.length > 0 ? '\n' : ''}${summary(findings)}`);
  }
  const left = repairs ? await repair(mismatches, repairPatienceMs) : undefined;
  if (json) print(asJson(findings, left));
  else if (left && mismatches.length > 0) print(outcome(mismatches, left));
  return (left ?? mismatches).length > 0 ? 1 : 0;
}

/** Errors that people can act on need no stack. */
function reasonOf(error: unknown): string {
  if (error instanceof CannotRun || error instanceof ConfigError || error instanceof KubectlFailed)
    return error.message;
  if (!Error.isError(error)) return String(error);
  const cause = Error.isError(error.cause) ? ` (${error.cause.message})` : '';
  return `The audit could not be finished: ${error.message}${cause}.`;
}

process.stdout.on('error', () => process.exit());

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = cannotRun;
}
