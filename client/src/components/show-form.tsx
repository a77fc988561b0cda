'use client';

import { Currency } from '@box-office/common/contracts/primitives';
import { type ListedShow, mostKinds, Show } from '@box-office/common/contracts/shows';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { call, createByClick } from '../browser/api.ts';
import { restoreDraft } from '../browser/form-draft.ts';
import { useForm } from '../browser/use-form.ts';
import { useZone } from '../browser/zone.ts';
import { changesToShow, kindField, readShow, showFaults } from '../lib/show-form.ts';
import { Button } from './button.tsx';
import { CurrencyOptions } from './currency-options.tsx';
import { Field, SelectField, TextField } from './fields.tsx';
import { Form } from './form.tsx';
import { KindFields } from './kind-fields.tsx';
import { TimeField } from './time-field.tsx';
import { ZoneField } from './zone-field.tsx';

/** Announces a show, or edits the given one. */
export function ShowForm({ show }: { readonly show?: ListedShow }) {
  const router = useRouter();
  const [currency, setCurrency] = useState<Currency>(show?.currency ?? 'eur');
  const { zone, zones, setZone } = useZone(show?.timeZone);
  const { keys, add, remove, resize } = useRows(show?.kinds.length ?? 1);
  const form = useForm(async (typed) => {
    const read = readShow(typed, keys.length, new Date(), show);
    if ('faults' in read) return read.faults;
    const changes = show && changesToShow(show, read);
    if (show && Object.keys(changes ?? {}).length === 0) return void router.push(`/shows/${show.id}`);
    const outcome = show
      ? await call('PUT', `/api/shows/${show.id}`, changes, { 'If-Match': `"${show.version}"` })
      : await createByClick('announce a show', '/api/shows', read.details);
    if (outcome.ok) router.push(`/shows/${Show.parse(outcome.body).id}`);
    else if (outcome.fault.status === 401) form.signInAndReturn();
    else return showFaults(outcome.fault, show, changes);
    return undefined;
  });
  const { busy, faults, ref } = form;
  // After signing in again, the fields of all kinds are filled in once they are there.
  const isLonger = keys.length > (show?.kinds.length ?? 1);
  useEffect(() => {
    if (isLonger && ref.current) restoreDraft(ref.current);
  }, [isLonger, ref]);

  return (
    <Form form={form} className="card medium" heading={<h1>{show ? 'Edit your show' : 'Announce a show'}</h1>}>
      <Field
        label="Title"
        name="title"
        autoComplete="off"
        defaultValue={show?.title}
        maxLength={200}
        error={faults.fields.title}
      />
      <TextField
        label="Description"
        name="description"
        defaultValue={show?.description}
        rows={4}
        maxLength={5000}
        hint="Optional."
        error={faults.fields.description}
      />
      <Field
        label="Venue"
        name="venue.name"
        defaultValue={show?.venue.name}
        autoComplete="off"
        maxLength={200}
        error={faults.fields['venue.name']}
      />
      <Field
        label="Address"
        name="venue.address"
        defaultValue={show?.venue.address}
        autoComplete="off"
        maxLength={200}
        hint="Optional."
        error={faults.fields['venue.address']}
      />
      <ZoneField zone={zone} zones={zones} onZone={setZone} error={faults.fields.timeZone} />
      <TimeField
        label="Starts"
        name="startsAt"
        known={show?.startsAt}
        knownZone={show?.timeZone}
        zone={zone}
        hint="Local time in the time zone above. From then on no ticket is sold."
        error={faults.fields.startsAt}
      />
      <TimeField
        label="Ends"
        name="endsAt"
        known={show?.endsAt}
        knownZone={show?.timeZone}
        zone={zone}
        hint="Optional."
        error={faults.fields.endsAt}
      />
      <Field
        label="Picture"
        name="image"
        defaultValue={show?.image}
        type="url"
        autoComplete="off"
        maxLength={2000}
        hint="Optional. The address of a picture, beginning with https://."
        error={faults.fields.image}
      />
      <div className="fields-2">
        {show ? (
          <input type="hidden" name="currency" value={currency} />
        ) : (
          <SelectField
            label="Currency"
            name="currency"
            value={currency}
            onChange={({ target }) => setCurrency(Currency.catch('eur').parse(target.value))}
            error={faults.fields.currency}
          >
            <CurrencyOptions />
          </SelectField>
        )}
        <Field
          label="Limit per person"
          name="perPerson"
          defaultValue={show?.perPerson}
          inputMode="numeric"
          autoComplete="off"
          hint="Optional. Of all kinds together."
          error={faults.fields.perPerson}
        />
      </div>
      <h2>Tickets</h2>
      <input
        type="hidden"
        name="rows"
        value={keys.length}
        onInput={({ currentTarget }) => resize(currentTarget.value)}
      />
      {keys.map((key, index) => (
        <KindFields
          key={key}
          index={index}
          kind={show?.kinds[index]}
          knownZone={show?.timeZone}
          currency={currency}
          zone={zone}
          faults={faults.fields}
          onRemove={!show && keys.length > 1 ? () => remove(key) : undefined}
        />
      ))}
      {faults.fields.kinds && <p className="field-error">{faults.fields.kinds}</p>}
      <div className="actions">
        {!show && keys.length < mostKinds && (
          <Button look="quiet" onClick={add}>
            Add another kind
          </Button>
        )}
        <Button busy={busy}>{show ? 'Save' : 'Announce show'}</Button>
        {show && (
          <Link className="button button-quiet" href={`/shows/${show.id}`}>
            Back
          </Link>
        )}
      </div>
    </Form>
  );
}

/** The rows of a list of fields: each keeps what was typed while others come and go. */
function useRows(first: number) {
  const [keys, setKeys] = useState<readonly number[]>(Array.from({ length: first }, (_, index) => index));
  const next = useRef(first);
  const [focusOn, setFocusOn] = useState<{ readonly id: string }>();
  useEffect(() => {
    if (focusOn) document.getElementById(focusOn.id)?.focus();
  }, [focusOn]);
  return {
    keys,
    add() {
      setKeys([...keys, next.current++]);
      setFocusOn({ id: kindField(keys.length, 'name') });
    },
    remove(key: number) {
      const left = keys.filter((it) => it !== key);
      setKeys(left);
      setFocusOn({ id: kindField(left.length - 1, 'name') });
    },
    resize(rows: string) {
      const wanted = Math.min(Math.max(Number(rows) || 1, 1), mostKinds);
      const more = Array.from({ length: Math.max(wanted - keys.length, 0) }, () => next.current++);
      setKeys([...keys.slice(0, wanted), ...more]);
    },
  };
}
