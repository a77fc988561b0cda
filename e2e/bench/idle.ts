import { setTimeout as sleep } from 'node:timers/promises';
import { type Ticket, TicketUpdated } from '@box-office/common/contracts/tickets';
import { createRelay } from '@box-office/common/messaging/relay/relay';
import { type Aggregates, aggregates } from '@box-office/common/store/aggregates';
import { type Change, changed } from '@box-office/common/store/change';
import { measure, type Path, spread, timed } from './measure.ts';
import { printTable, printWanted } from './table.ts';
import { aTicket, ticketKind } from './tickets.ts';
import { logger, newId, now, openWorkbench, stream } from './workbench.ts';

/** Long enough for an event to be acknowledged: whatever a command meets of the one before is not idle. */
const pauseMs = 20;

/** What it adds to a command, with nothing else to do, that its event is written beside the state and published. */
export async function benchIdle(samples: number): Promise<void> {
  const bench = await openWorkbench();
  const relay = createRelay({ bus: bench.bus, connection: bench.store, announcer: 'tickets', stream, logger, now });
  try {
    const tickets = aggregates(ticketKind, { connection: bench.store, relay, now, newId, logger });
    await tickets.prepare();
    await relay.start();
    const [announced, unheard] = await measure(samples, [
      path(tickets, (ticket) => changed({ ...ticket, price: ticket.price + 1 }, TicketUpdated)),
      path(tickets, (ticket) => changed({ ...ticket, price: ticket.price + 1 })),
    ]);
    await relay.flush();
    const adds = spread(announced).p50 - spread(unheard).p50;
    const row = (what: string, times: number[]) => {
      const { p50, p99 } = spread(times);
      return [what, p50.toFixed(2), p99.toFixed(2)];
    };
    printTable(
      `A command with nothing else to do, ${samples} samples each, in turn, in ms`,
      ['', 'p50', 'p99'],
      [row('change() that announces an event, relay and all', announced), row('change() that announces none', unheard)],
    );
    printWanted('publishing adds ≤ 1 ms at p50', `${adds.toFixed(2)} ms`, adds <= 1);
  } finally {
    await relay.stop(2_000);
    await bench.end();
  }
}

/** A ticket of its own for each command, as people have: the outbox of one that is changed over and over fills up. */
function path(tickets: Aggregates<Ticket>, edit: (ticket: Ticket) => Change<Ticket>): Path {
  return async () => {
    const { id } = await tickets.add(changed(aTicket()));
    await sleep(pauseMs);
    return timed(() => tickets.change(id, edit));
  };
}
