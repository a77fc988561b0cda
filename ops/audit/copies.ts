import { Order as OrderSnapshot } from '@box-office/common/contracts/orders';
import { Show as ShowSnapshot } from '@box-office/common/contracts/shows';
import { Ticket as TicketSnapshot } from '@box-office/common/contracts/tickets';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { Order, snapshot as orderSnapshot } from '@box-office/orders/order';
import { Show, snapshot as showSnapshot } from '@box-office/tickets/shows/show';
import { Ticket, snapshot as ticketSnapshot } from '@box-office/tickets/ticket';
import type { mongo } from 'mongoose';
import type { Books } from './books.ts';
import {
  type Fields,
  joined,
  mustBeReadable,
  type Pair,
  plain,
  readable,
  type Stored,
  type View,
  waiting,
} from './view.ts';

/** Every collection that is made by `copies(…)`: a test checks that none is missing. */
export function copyViews({ tickets, shows, orders, payments }: Books): View[] {
  return [
    copyView({
      holder: 'orders',
      owner: 'tickets',
      copies: orders.collection('known-tickets'),
      owners: tickets.documents,
      announce: tickets.store.announce,
      read: (copy) => TicketSnapshot.parse(copy),
      told: (state) => TicketSnapshot.parse(ticketSnapshot(Ticket.parse(state))),
      compared: withoutHold,
    }),
    copyView({
      holder: 'orders',
      owner: 'tickets',
      of: 'shows',
      copies: orders.collection('known-shows'),
      owners: shows.documents,
      announce: shows.store.announce,
      read: (copy) => ShowSnapshot.parse(copy),
      told: (state) => ShowSnapshot.parse(showSnapshot(Show.parse(state))),
    }),
    copyView({
      holder: 'payments',
      owner: 'orders',
      copies: payments.collection('payable-orders'),
      owners: orders.documents,
      announce: orders.store.announce,
      read: (copy) => OrderSnapshot.parse(copy),
      told: (state) => OrderSnapshot.parse(orderSnapshot(Order.parse(state))),
    }),
  ];
}

/**
 * Who holds a ticket is not announced, so a copy has it as it was when the ticket was last announced. Of the state only
 * the withdrawal counts, and only until the ticket is sold, which hides it.
 */
export function withoutHold(ticket: Fields, owned: Fields): Fields {
  const { orderId: _, refundedAt: __, refunded: ___, refundFailedAt: ____, dispute: _____, ...seen } = ticket;
  const { offered: ______, state, ...own } = seen;
  return owned.state === 'sold' ? own : { ...own, withdrawn: state === 'withdrawn' };
}

interface CopyParts {
  readonly holder: string;
  readonly owner: string;
  /** What it is a copy of, if not of what the owner is named after. */
  readonly of?: string;
  readonly copies: mongo.Collection<Stored>;
  readonly owners: mongo.Collection<Stored>;
  readonly announce: Aggregates<never>['announce'];
  /** A copy as its holder parses it: a field added later has its default. */
  readonly read: (copy: Fields) => object;
  /** The state as it is announced. */
  readonly told: (state: unknown) => unknown;
  /** What both sides must have in common of a snapshot, given the owner's. Default: all of it. */
  readonly compared?: (snapshot: Fields, owned: Fields) => Fields;
}

function copyView(parts: CopyParts): View {
  const { holder, owner, of = owner, copies, owners, announce, read, told, compared = (snapshot) => snapshot } = parts;
  return {
    name: `${holder}’ copy of ${of}`,
    holder,
    owner,
    money: false,

    async *pairs(ids) {
      for await (const [copy, own] of joined(copies, owners, ids)) {
        const id = own?._id ?? copy?._id ?? '';
        const owned = own ? readable(() => told(plain(own))) : null;
        const held = copy ? heldAs(plain(copy), read, (it) => (owned ? compared(it, owned) : it)) : null;
        yield { id, held, owned: owned && compared(owned, owned), waits: waiting(own) };
      }
    },

    async repair(pair) {
      mustBeReadable(pair);
      // A copy accepts only newer versions. So it is removed: every service copes with a copy that does not exist yet.
      if (pair.held && !isOlder(pair)) await copies.deleteOne({ _id: pair.id, version: pair.held.version });
      if (pair.owned) await announce(pair.id);
    },
  };
}

/** As its holder parses it, or the raw document if it cannot be parsed. */
function heldAs(copy: Fields, read: CopyParts['read'], compared: (copy: Fields) => Fields): Fields {
  try {
    return compared({ ...copy, ...read(copy) });
  } catch {
    return copy;
  }
}

function isOlder({ held, owned }: Pair): boolean {
  const [has, should] = [held?.version, owned?.version];
  return typeof has === 'number' && typeof should === 'number' && has < should;
}
