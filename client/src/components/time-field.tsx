'use client';

import { useState } from 'react';
import { timeHint } from '../lib/local-time.ts';
import { localIn } from '../lib/zone.ts';
import { Field } from './fields.tsx';

interface TimeFieldProps {
  readonly label: string;
  readonly name: string;
  /** The zone of the typed time. */
  readonly zone: string;
  /** The instant shown at first, and the zone it is shown in. */
  readonly known?: string | undefined;
  readonly knownZone?: string | undefined;
  /** Shown while there is no time. */
  readonly hint: string;
  readonly error: string | undefined;
}

/** A local time, with how the platform interprets it. */
export function TimeField({ label, name, zone, known, knownZone = 'UTC', hint, error }: TimeFieldProps) {
  const first = known ? localIn(known, knownZone) : '';
  const [typed, setTyped] = useState(first);
  return (
    <Field
      label={label}
      name={name}
      type="datetime-local"
      defaultValue={first}
      onInput={({ currentTarget }) => setTyped(currentTarget.value)}
      hint={timeHint(typed, zone) ?? hint}
      error={error}
    />
  );
}
