import { eventsWith } from '@box-office/common/contracts/event';
import * as orderEvents from '@box-office/common/contracts/orders';
import { LinkRequested, PersonForgotten, PersonKnown, SecurityNoticed } from '@box-office/common/contracts/people';
import * as showEvents from '@box-office/common/contracts/shows';
import { WaitingOver, WaitingServed } from '@box-office/common/contracts/waiting';
import { type Listener, NotYet, on } from '@box-office/common/messaging/listener';
import type { Copies } from '@box-office/common/store/copies';
import { type Fact, factsOf, linkFact, noticeFact, offered, waitedInVain } from './fact.ts';
import type { Mails } from './mails.ts';
import type { Moves } from './moves.ts';
import { giveUpAfterMs } from './pauses.ts';
import type { People } from './people.ts';

export interface ListenerParts {
  readonly mails: Pick<Mails, 'add' | 'addressKnown'>;
  readonly people: People;
  readonly orders: Copies<orderEvents.Order>;
  readonly moves: Moves;
  readonly now: () => Date;
  /** Called when a mail may be due. */
  readonly wake: () => void;
}

/** How long news about an order that is not known yet waits for it. */
const orderComesInMs = 200;

export function listeners(parts: ListenerParts): Listener[] {
  /**
   * What happened longer ago than a mail is tried for is not news: it comes from a stream that was rebuilt after
   * everything this service knew was lost.
   */
  const isStale = (time: string) => parts.now().getTime() - timeOf(time).getTime() > giveUpAfterMs;
  const timeOf = (time: string) => new Date(Date.parse(time) || parts.now());

  async function tell(facts: readonly Fact[], time: string): Promise<void> {
    if (isStale(time)) return;
    for (const fact of facts) if (await parts.mails.add(fact, timeOf(time))) parts.wake();
  }

  const takeOrder = async ({ data: order, time }: { data: orderEvents.Order; time: string }) => {
    // Only shows move and have waiting lists, for which an order is looked up again.
    if (order.showId) await parts.orders.take(order);
    await tell(factsOf(order), time);
    await parts.moves.tell(order, parts.now());
  };

  return [
    ...eventsWith(orderEvents.Order, orderEvents).map((contract) => on(contract, takeOrder)),
    ...eventsWith(showEvents.Show, showEvents).map((contract) => on(contract, ({ data }) => parts.moves.take(data))),
    on(WaitingServed, async ({ data: { orderId }, time }) => {
      if (isStale(time)) return;
      const order = orderId ? await parts.orders.find(orderId) : null;
      // The order was announced at the same time.
      if (orderId && !order) throw new NotYet(orderComesInMs);
      if (order?.status === 'created') await tell([offered(order)], time);
    }),
    on(WaitingOver, async ({ data, time }) => {
      await tell([waitedInVain(data, await parts.moves.organiserOf(data.showId))], time);
    }),
    on(PersonKnown, async ({ data }) => {
      await parts.people.know(data);
      await parts.mails.addressKnown(data.id);
      parts.wake();
    }),
    on(PersonForgotten, ({ data }) => parts.people.forget(data)),
    on(LinkRequested, ({ data, time }) => tell([linkFact(data)], time)),
    on(SecurityNoticed, ({ data, time }) => tell([noticeFact(data)], time)),
  ];
}
