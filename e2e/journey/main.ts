import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cannotRun, commandLine } from '@box-office/common/command';
import { localDir } from '@box-office/local/engines';
import { holderOf } from '@box-office/local/lock.mjs';
import { spread } from '../bench/measure.ts';
import { type Visitor, visitor } from '../support/visitor.ts';
import { journey } from './journey.ts';
import { incomplete, trade } from './trade.ts';

const { values, positive } = commandLine({
  name: 'npm run journey',
  does: 'lists tickets, buys and pays for them as new people do, and leaves them there',
  options: {
    state: {
      value: 'FOLDER',
      default: join(localDir, 'state'),
      does: 'in the shop of the npm start which keeps its state there',
    },
    origin: { value: 'URL', does: 'in any other shop: where it is' },
    stripe: { value: 'URL', does: 'and where its Stripe sandbox is, at which its buyers pay' },
    trade: { value: 'SECONDS', does: 'trades for so long without a pause, while you restart a service, say' },
  },
  notes: ['Exits with 1 when something is wrong, with 2 when there is no shop at the address.'],
});

function addresses(): { origin: string; stripe: string } | string {
  const { origin, stripe, state } = values;
  if (origin && stripe) return { origin, stripe };
  if (origin || stripe) return 'Both --origin and --stripe are needed: where the shop is, and where its buyers pay.';
  const holder = holderOf(`${resolve(state)}.lock`);
  if (typeof holder?.url !== 'string') return 'No shop runs here. Run npm start first, or say where one is.';
  if (typeof holder.stripeUrl !== 'string')
    return 'The shop that runs here uses the real Stripe; nobody is charged for trying it.';
  return { origin: holder.url, stripe: holder.stripeUrl };
}

async function main(): Promise<number> {
  const seconds = values.trade === undefined ? undefined : positive('trade', values.trade);
  const where = addresses();
  if (typeof where === 'string') {
    console.error(where);
    return cannotRun;
  }
  const shop = visitor(where.origin, where.stripe);
  if (seconds === undefined) return walk(shop);
  return keepTrading(shop, seconds);
}

async function walk(shop: Visitor): Promise<number> {
  let failed = 0;
  for (const { name, run } of journey) {
    const began = performance.now();
    const fault = await run(shop).then(
      () => undefined,
      (error: unknown) =>
        Error.isError(error) ? `${error.message}${error.cause ? `: ${error.cause}` : ''}` : String(error),
    );
    console.log(`${fault ? '✗' : '✓'} ${name} (${((performance.now() - began) / 1_000).toFixed(1)} s)`);
    // The answer may have been a whole page.
    if (fault) console.log(`  ${fault.slice(0, 500)}`);
    if (fault) failed++;
  }
  console.log(`${journey.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

const traders = 3;
const completeWithinMs = 30_000;

async function keepTrading(shop: Visitor, seconds: number): Promise<number> {
  const { sold, failed, tookMs } = await trade(shop, traders, AbortSignal.timeout(seconds * 1_000));
  const deadline = Date.now() + completeWithinMs;
  let open = await incomplete(sold);
  while (open.length > 0 && Date.now() < deadline) {
    await sleep(500);
    open = await incomplete(sold);
  }
  const { p50, p99 } = spread(tookMs);
  console.log(
    `${tookMs.length} requests, p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms; ${sold.length} tickets paid for`,
  );
  for (const fault of [...failed, ...open]) console.log(`✗ ${fault}`);
  console.log(`${failed.length} requests failed, ${open.length} paid orders are not complete`);
  return failed.length + open.length > 0 || sold.length === 0 ? 1 : 0;
}

process.exitCode = await main();
