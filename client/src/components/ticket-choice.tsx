'use client';

import { useHydrated } from '../browser/use-hydrated.ts';

interface TicketChoiceProps {
  /** What the choice is for. */
  readonly legend: string;
  readonly tickets: readonly { readonly id: string; readonly label: string; readonly price: string }[];
  readonly chosen: ReadonlySet<string>;
  readonly onChange: (chosen: ReadonlySet<string>) => void;
}

/** Some tickets of an order. */
export function TicketChoice({ legend, tickets, chosen, onChange }: TicketChoiceProps) {
  const hydrated = useHydrated();
  function set(id: string, isChosen: boolean) {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    onChange(next);
  }
  return (
    <fieldset className="choice" disabled={!hydrated}>
      <legend>{legend}</legend>
      {tickets.map(({ id, label, price }) => (
        <label key={id}>
          <input type="checkbox" checked={chosen.has(id)} onChange={({ target }) => set(id, target.checked)} />
          <bdi>{label}</bdi>
          <span className="muted">{price}</span>
        </label>
      ))}
    </fieldset>
  );
}
