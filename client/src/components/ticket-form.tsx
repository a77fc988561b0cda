'use client';

import { decimalPrice } from '@box-office/common/contracts/money';
import { Currency } from '@box-office/common/contracts/primitives';
import { Ticket } from '@box-office/common/contracts/tickets';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { call, createByClick } from '../browser/api.ts';
import { useForm } from '../browser/use-form.ts';
import { useZone } from '../browser/zone.ts';
import { type Fault, type FormFaults, formFaults } from '../lib/problem.ts';
import {
  changesTo,
  priceHint,
  readTicket,
  startHint,
  type TypedTicket,
  ticketFields,
  zoneOf,
} from '../lib/ticket-form.ts';
import { localIn } from '../lib/zone.ts';
import { Button } from './button.tsx';
import { CurrencyOptions } from './currency-options.tsx';
import { Field, SelectField } from './fields.tsx';
import { Form } from './form.tsx';
import { ZoneField } from './zone-field.tsx';

/** Lists a new ticket, or edits the given one. */
export function TicketForm({ ticket }: { readonly ticket?: Ticket }) {
  const router = useRouter();
  const [currency, setCurrency] = useState<Currency>(ticket?.currency ?? 'eur');
  const { zone, zones, setZone } = useZone(ticket && zoneOf(ticket));
  const knownStart = ticket?.startsAt ? localIn(ticket.startsAt, zoneOf(ticket) ?? 'UTC') : '';
  const [start, setStart] = useState(knownStart);
  const form = useForm(async (typed) => {
    const fields = ticketFields.map((field) => [field, typed(field)] as const);
    const read = readTicket(Object.fromEntries(fields) as TypedTicket, new Date(), ticket);
    if ('faults' in read) return read.faults;
    const changes = ticket ? changesTo(ticket, read.details) : read.details;
    if (ticket && Object.keys(changes).length === 0) return void router.push(`/tickets/${ticket.id}`);
    const outcome = ticket
      ? await call('PUT', `/api/tickets/${ticket.id}`, changes, { 'If-Match': `"${ticket.version}"` })
      : await createByClick('list a ticket', '/api/tickets', changes);
    if (!outcome.ok && outcome.fault.status === 401) form.signInAndReturn();
    else if (!outcome.ok) return inWords(outcome.fault);
    else router.push(`/tickets/${Ticket.parse(outcome.body).id}`);
    return undefined;
  });
  const { busy, faults } = form;

  return (
    <Form form={form} className="card narrow" heading={<h1>{ticket ? 'Edit your ticket' : 'Sell a ticket'}</h1>}>
      <Field
        label="Title"
        name="title"
        autoComplete="off"
        defaultValue={ticket?.title}
        maxLength={200}
        error={faults.fields.title}
      />
      <div className="fields-2">
        <Field
          label="Price"
          name="price"
          inputMode="decimal"
          autoComplete="off"
          defaultValue={ticket && decimalPrice(ticket.price, ticket.currency)}
          hint={priceHint(currency)}
          error={faults.fields.price}
        />
        <SelectField
          label="Currency"
          name="currency"
          value={currency}
          onChange={({ target }) => setCurrency(Currency.catch('eur').parse(target.value))}
          error={faults.fields.currency}
        >
          <CurrencyOptions />
        </SelectField>
      </div>
      <Field
        label="Venue"
        name="venue"
        autoComplete="off"
        defaultValue={ticket?.venue ?? ''}
        maxLength={200}
        hint="Optional."
        error={faults.fields.venue}
      />
      <Field
        label="Starts"
        name="startsAt"
        type="datetime-local"
        defaultValue={knownStart}
        onInput={({ currentTarget }) => setStart(currentTarget.value)}
        hint={startHint(start, zone)}
        error={faults.fields.startsAt}
      />
      <ZoneField zone={zone} zones={zones} onZone={setZone} error={faults.fields.timeZone} />
      <div className="actions">
        <Button busy={busy}>{ticket ? 'Save' : 'List ticket'}</Button>
        {ticket && (
          <Link className="button button-quiet" href={`/tickets/${ticket.id}`}>
            Back
          </Link>
        )}
      </div>
    </Form>
  );
}

function inWords(fault: Fault): FormFaults {
  if (fault.status === 412) {
    const message =
      'This ticket has changed since you opened this page. Reload the page to see the current version before you edit it.';
    return { fields: {}, message };
  }
  if (fault.code === 'ticket-reserved') {
    return { fields: {}, message: 'Somebody has just reserved this ticket, so it cannot be changed now.' };
  }
  return formFaults(fault, ticketFields);
}
