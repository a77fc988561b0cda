import { setTimeout as sleep } from 'node:timers/promises';
import { type Ticket, Ticket as TicketContract, TicketUpdated } from '@box-office/common/contracts/tickets';
import type { Bus } from '@box-office/common/messaging/bus';
import { deadLetters } from '@box-office/common/messaging/dead-letters';
import { toMessage } from '@box-office/common/messaging/envelope';
import { type ListenOptions, listen, on } from '@box-office/common/messaging/listener';
import { ensureStream } from '@box-office/common/messaging/topology';
import { copies } from '@box-office/common/store/copies';
import { envelope } from '@box-office/common/store/outbox';
import { eventually } from '@box-office/common/testing/eventually';
import { type Sample, spread } from './measure.ts';
import { printTable, printWanted } from './table.ts';
import { aTicket } from './tickets.ts';
import { logger, newId, now, openWorkbench, stream } from './workbench.ts';

/** Many short rounds, so that a temporary slowdown of the machine affects both kinds. */
const rounds = 24;
const perRound = 300;
const everyMs = 10;
const poisonEvery = 100;
const service = 'orders';

/** Malformed messages, and what is wrong with them. */
const poisons = [
  { payload: '{"id":' }, // no JSON
  { payload: '{"id": 7}' }, // breaks the contract
  { payload: '{}', header: 'ce-id', value: '' }, // no event without an id
  { payload: '{}', header: 'ce-type', value: 'ticket.eaten' }, // nobody listens to this
];

/**
 * The latency of healthy messages, from publish to handling, with and without malformed ones among them.
 */
export async function benchPoison(): Promise<void> {
  const { bus, store, end } = await openWorkbench();
  const known = copies({ collection: 'known-tickets', data: TicketContract }, { connection: store, logger });
  await ensureStream(bus, 'tickets', stream);
  const sentAt = new Map<string, number>();
  let times: Sample[] = [];
  const handler: ListenOptions['listeners'] = [
    on(TicketUpdated, async ({ data }) => {
      await known.take(data);
      const at = sentAt.get(data.id);
      if (at === undefined) return;
      times.push(performance.now() - at);
      sentAt.delete(data.id);
    }),
  ];
  const listening = listen({ bus, service, listeners: handler, stream, logger, now });
  try {
    await listening.ready;
    const poisoned: Sample[][] = [];
    const healthy: Sample[][] = [];
    let sent = 0;
    for (let round = -2; round < rounds; round++) {
      const withPoison = round % 2 === 0;
      times = [];
      sent += await sendRound(bus, sentAt, withPoison);
      await eventually(() => {
        if (sentAt.size > 0) throw new Error(`${sentAt.size} healthy messages were never handled`);
      });
      // The first round of each kind is a warm-up.
      if (round >= 0) (withPoison ? poisoned : healthy).push(times);
    }
    const buried = await countBuried(bus, sent);
    report(healthy, poisoned, sent, buried);
  } finally {
    await listening.stop();
    await end();
  }
}

/** @returns how many malformed messages it sent */
async function sendRound(bus: Bus, sentAt: Map<string, number>, withPoison: boolean): Promise<number> {
  const publishing: Promise<unknown>[] = [];
  let sent = 0;
  const startedAt = performance.now();
  for (let number = 0; number < perRound; number++) {
    const ticket = aTicket();
    if (withPoison && number % poisonEvery === poisonEvery / 2) publishing.push(sendPoison(bus, ticket, sent++));
    sentAt.set(ticket.id, performance.now());
    publishing.push(send(bus, ticket));
    await sleep(Math.max(0, startedAt + (number + 1) * everyMs - performance.now()));
  }
  await Promise.all(publishing);
  return sent;
}

function messageOf(ticket: Ticket) {
  const event = envelope(TicketUpdated, ticket, { id: newId(), time: now(), traceparent: '' });
  return { subject: event.subject, ...toMessage(event) };
}

async function send(bus: Bus, ticket: Ticket): Promise<void> {
  const { subject, payload, headers } = messageOf(ticket);
  await bus.js.publish(subject, payload, { headers });
}

async function sendPoison(bus: Bus, ticket: Ticket, number: number): Promise<void> {
  const { subject, headers } = messageOf(ticket);
  const poison = poisons[number % poisons.length];
  if (poison?.header) headers.set(poison.header, poison.value);
  await bus.js.publish(subject, poison?.payload ?? '', { headers });
}

async function countBuried(bus: Bus, sent: number): Promise<number> {
  let found = new Set<number>();
  await eventually(async () => {
    found = new Set();
    for await (const { letter } of deadLetters(bus, { service })) found.add(letter.sequence);
    if (found.size < sent) throw new Error('not all are buried yet');
  }).catch(() => {});
  return found.size;
}

type Rounds = readonly (readonly Sample[])[];

/** Of the median round: an engine that stalls for a second in one round says nothing about malformed messages. */
function usualP99(rounds: Rounds): number {
  return spread(rounds.map((times) => spread(times).p99)).p50;
}

function report(healthy: Rounds, poisoned: Rounds, sent: number, buried: number): void {
  const row = (what: string, rounds: Rounds) => {
    const { p50, p99 } = spread(rounds.flat());
    return [what, `${rounds.flat().length}`, ...[p50, usualP99(rounds), p99].map((it) => it.toFixed(2))];
  };
  const rise = (usualP99(poisoned) / usualP99(healthy) - 1) * 100;
  printTable(
    `Healthy messages, ${1_000 / everyMs} a second, ${rounds} rounds in turn, from publish to handled, in ms`,
    ['', 'messages', 'p50', 'p99 of the middle round', 'p99 of all'],
    [row('all healthy', healthy), row(`1 in ${poisonEvery} malformed`, poisoned)],
  );
  printWanted('p99 rises by ≤ 20 %, in the middle round', `${rise.toFixed(0)} %`, rise <= 20);
  printWanted('every malformed message in the dead letters', `${buried} of ${sent}`, buried === sent);
}
