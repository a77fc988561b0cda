import { type KindChanges, ShowChanged, type ShowChanges } from '@box-office/common/contracts/shows';
import { type FieldError, invalidRequest, problem } from '@box-office/common/problem';
import { type Change, changed } from '@box-office/common/store/change';
import { mustBePossible } from './possible.ts';
import { type Kind, kindOf, mustBeAlive, mustBeOrganiser, type Show, settled } from './show.ts';

/** How many tickets of a kind are reserved or sold, by the ids of the kinds. */
export type Held = ReadonlyMap<string, number>;

/**
 * Changes the given fields only. A job makes further tickets, or takes some off sale.
 *
 * `held` must name every kind whose quantity is lowered. It may be outdated: orders decide what is sold, so the job
 * takes only tickets off sale that nobody holds, and in the end there are at least as many as are held.
 */
export function edit(show: Show, userId: string, changes: ShowChanges, held: Held, now: Date): Change<Show> {
  mustBeOrganiser(show, userId);
  mustBeAlive(show);
  const { kinds: kindChanges = [], venue, ...facts } = changes;
  mustNameKinds(show, kindChanges);
  const named = new Map(kindChanges.map((it) => [it.id, it]));
  const next: Show = {
    ...show,
    ...facts,
    venue: { ...show.venue, ...venue },
    kinds: show.kinds.map((kind) => editKind(kind, named.get(kind.id))),
  };
  const positions = show.kinds.map((kind) => {
    const found = kindChanges.findIndex(({ id }) => id === kind.id);
    return found < 0 ? undefined : found;
  });
  mustBePossible(next, now, { show, positions });
  for (const kind of next.kinds) {
    if (kind.quantity < kindOf(show, kind.id).quantity) mustNotBeFewerThanHeld(kind, held);
  }
  return changed(settled(next), ShowChanged);
}

function editKind(kind: Kind, changes: KindChanges | undefined): Kind {
  if (!changes) return kind;
  const { addSeats = [], quantity = kind.quantity + addSeats.length, ...facts } = changes;
  const seats = kind.seats ? [...kind.seats, ...addSeats] : null;
  return { ...kind, ...facts, quantity, seats };
}

function mustNameKinds({ kinds }: Show, changes: readonly KindChanges[]): void {
  const errors = changes.flatMap(({ id, addSeats }, index): FieldError[] => {
    const kind = kinds.find((it) => it.id === id);
    const field = (name: string) => `kinds.${index}.${name}`;
    if (!kind) return [{ field: field('id'), message: 'is none of this show' }];
    if (changes.findIndex((it) => it.id === id) < index) return [{ field: field('id'), message: 'is there twice' }];
    if (addSeats && !kind.seated) return [{ field: field('addSeats'), message: 'is only for a kind that has seats' }];
    return [];
  });
  if (errors.length > 0) throw invalidRequest(errors);
}

function mustNotBeFewerThanHeld({ id, name, quantity }: Kind, held: Held): void {
  const taken = held.get(id) ?? 0;
  if (quantity >= taken) return;
  throw problem('fewer-than-held', `Of “${name}”, ${taken} are reserved or sold, so there cannot be ${quantity}.`);
}
