import { setTimeout as sleep } from 'node:timers/promises';
import { type Ticket, TicketUpdated } from '@box-office/common/contracts/tickets';
import { createRelay } from '@box-office/common/messaging/relay/relay';
import { type Aggregates, aggregates } from '@box-office/common/store/aggregates';
import { type Change, changed } from '@box-office/common/store/change';
import { measure, type Path, spread, timed } from './measure.ts';
import { printTable, printWanted } from './table.ts';
import { aTicket, ticketKind } from './tickets.ts';
import { logger, newId, now, openWorkbench, stream } from './workbench.ts';

/** Long enough for an event to be acknowledged, so that a command does not overlap the one before. */
const pauseMs = 20;

/** The overhead that writing and publishing the event adds to a command on an idle machine. */
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

/** A separate ticket for each command, as in practice: the outbox of a ticket that is changed repeatedly fills up. */
function path(tickets: Aggregates<Ticket>, edit: (ticket: Ticket) => Change<Ticket>): Path {
  return async () => {
    const { id } = await tickets.add(changed(aTicket()));
    await sleep(pauseMs);
    return timed(() => tickets.change(id, edit));
  };
}
