import type { Order } from '@box-office/common/contracts/orders';
import type { LinkPurpose } from '@box-office/common/contracts/people';
import type { Letter, LetterKind, LetterOf, Place } from '../letter.ts';
import type { Formats } from './formats.ts';
import { isolated } from './isolated.ts';

/** A mail in words, before it has a form. */
export interface Written {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** Names and values, such as the time and the price. */
  readonly details?: readonly (readonly [string, string])[];
  readonly action?: Action;
}

export interface Action {
  readonly label: string;
  /** Where it leads in the shop: a path. */
  readonly path: string;
  /** Whether the link itself lets its reader in, so that a guest's key must not be added. */
  readonly isKey?: true;
}

/** One language: what each kind of letter says in it. */
export type Words = {
  readonly [Kind in LetterKind]: (letter: LetterOf<Kind>, formats: Formats) => Written;
} & {
  readonly locale: string;
  readonly greeting: (name: string | undefined) => string;
  /** Why its reader gets the mail. */
  readonly footer: (origin: string) => string;
  /** The same for a guest, whose address may have been somebody else's to give. */
  readonly guestFooter: (origin: string) => string;
};

/** What a letter says in one language. */
export function write(letter: Letter, words: Words, formats: Formats): Written {
  // A parsing boundary: TypeScript does not see that the kind of the letter is that of the function.
  const say = words[letter.kind] as (letter: Letter, formats: Formats) => Written;
  return say(withIsolates(letter), formats);
}

/** With everything that a seller has written isolated from the words around it. */
function withIsolates(letter: Letter): Letter {
  if ('entry' in letter) {
    const { entry } = letter;
    return { ...letter, entry: { ...entry, title: isolated(entry.title), kind: isolated(entry.kind) } };
  }
  if (!('order' in letter)) return letter;
  const order = isolatedOrder(letter.order);
  if (letter.kind !== 'moved') return { ...letter, order };
  return { ...letter, order, before: isolatedPlace(letter.before), after: isolatedPlace(letter.after) };
}

function isolatedOrder(order: Order): Order {
  const { ticket, tickets } = order;
  return {
    ...order,
    ticket: { ...ticket, title: isolated(ticket.title), ...(ticket.venue && { venue: isolated(ticket.venue) }) },
    ...(tickets && {
      tickets: tickets.map((it) => ({
        ...it,
        ...(it.kind && { kind: isolated(it.kind) }),
        ...(it.seat && { seat: isolated(it.seat) }),
      })),
    }),
  };
}

const isolatedPlace = (place: Place): Place => ({ ...place, venue: isolated(place.venue) });

/** Where the shop uses a link of this purpose. */
export const linkPath = (purpose: LinkPurpose, token: string): string =>
  `/link?${new URLSearchParams({ purpose, token })}`;
