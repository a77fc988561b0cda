'use client';

import { useState } from 'react';
import { useHydrated } from '../browser/use-hydrated.ts';

interface StepperProps {
  readonly label: string;
  readonly name: string;
  readonly count: number;
  readonly most: number;
  /** Why it cannot be more, as a sentence. */
  readonly whyNoMore: string;
  /** The id of what describes it. */
  readonly describedBy: string;
  readonly onCount: (count: number) => void;
}

/** A number that is typed, or changed by one with the buttons beside it. */
export function Stepper({ label, name, count, most, whyNoMore, describedBy, onCount }: StepperProps) {
  const hydrated = useHydrated();
  const [isCut, setIsCut] = useState(false);
  function set(wanted: number) {
    setIsCut(wanted > most);
    onCount(Math.min(Math.max(Math.trunc(wanted) || 0, 0), most));
  }
  return (
    <>
      <span className="stepper">
        <button
          type="button"
          aria-label={`One less: ${label}`}
          disabled={!hydrated || count === 0}
          onClick={() => set(count - 1)}
        >
          −
        </button>
        <input
          id={name}
          name={name}
          inputMode="numeric"
          autoComplete="off"
          aria-describedby={describedBy}
          value={count}
          onInput={({ currentTarget }) => set(Number(currentTarget.value))}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <button
          type="button"
          aria-label={`One more: ${label}`}
          disabled={!hydrated || count >= most}
          onClick={() => set(count + 1)}
        >
          +
        </button>
      </span>
      {isCut && (
        <p role="alert" className="hint cut">
          {whyNoMore}
        </p>
      )}
    </>
  );
}
