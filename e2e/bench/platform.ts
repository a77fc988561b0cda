import { openShop, ordersWithoutLimits } from '../support/shop.ts';
import { bareHop, bareInsert } from './bare.ts';
import { measure, type Sample, spread } from './measure.ts';
import { residentMemory } from './memory.ts';
import { ordersToPayments, sellTickets } from './platform-paths.ts';

/** The platform compared with the bare driver and one bare JetStream hop. */
export async function benchPlatform(samples: number): Promise<void> {
  const shop = await openShop({ client: false, env: { orders: ordersWithoutLimits } });
  try {
    const { mongo = '' } = shop.platform.addresses;
    const rows: Row[] = [];

    // Platform and bare path alternate within one run, so that a slowdown of the machine affects both.
    const sell = await sellTickets(shop);
    const insert = await bareInsert(mongo);
    const [throughGateway, atService, inserted] = await measure(samples, [
      sell.throughGateway,
      sell.atService,
      insert.run,
    ]);
    rows.push(
      { what: 'POST /api/tickets, through the gateway', times: throughGateway, against: inserted },
      { what: 'POST /api/tickets, asked of the service itself', times: atService, against: inserted },
      { what: '  bare: one acknowledged insert by the driver', times: inserted },
    );

    const order = await ordersToPayments(shop, samples);
    const hop = await bareHop(mongo, shop.platform.operator);
    const [copied, hopped] = await measure(samples, [order.run, hop.run]);
    rows.push(
      { what: 'POST /api/orders answered → payments’ copy shows it', times: copied, against: hopped },
      { what: '  bare: publish, consume, upsert by the driver, seen', times: hopped },
    );

    print(rows, samples);
    printMemory(await residentMemory(shop.platform.pids()));
    await Promise.all([sell.close(), insert.close(), order.close(), hop.close()]);
  } finally {
    await shop.end();
  }
}

interface Row {
  readonly what: string;
  readonly times: readonly Sample[];
  readonly against?: readonly Sample[];
}

function print(rows: readonly Row[], samples: number): void {
  console.log(`\n${samples} samples each, in turn, in ms`);
  console.log(`${''.padEnd(56)}${['p50', 'p99', '× bare (p50)'].map((it) => it.padStart(13)).join('')}`);
  for (const { what, times, against } of rows) {
    const { p50, p99 } = spread(times);
    const ratio = against ? (p50 / spread(against).p50).toFixed(2) : '';
    console.log(`${what.padEnd(56)}${[p50.toFixed(2), p99.toFixed(2), ratio].map((it) => it.padStart(13)).join('')}`);
  }
}

function printMemory(memory: Readonly<Record<string, number>>): void {
  console.log('\nResident memory, MB');
  for (const [name, bytes] of Object.entries(memory))
    console.log(`  ${name.padEnd(12)}${megabytes(bytes).padStart(8)}`);
  const total = Object.values(memory).reduce((sum, bytes) => sum + bytes, 0);
  console.log(
    `  ${'together'.padEnd(12)}${megabytes(total).padStart(8)}   (without the Next.js dev server; target 900)`,
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}
