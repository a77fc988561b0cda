'use client';

import { decimalPrice } from '@box-office/common/contracts/money';
import { Currency } from '@box-office/common/contracts/primitives';
import { Ticket } from '@box-office/common/contracts/tickets';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { call, create } from '../browser/api.ts';
import { useForm } from '../browser/use-form.ts';
import { useHydrated } from '../browser/use-hydrated.ts';
import { type Fault, type FormFaults, formFaults } from '../lib/problem.ts';
import { currencies, priceHint, readTicket, ticketFields } from '../lib/ticket-form.ts';
import { instantOf, localInputValue } from '../lib/when.ts';
import { Button } from './button.tsx';
import { Field, SelectField } from './fields.tsx';
import { Form } from './form.tsx';

/** Lists a new ticket, or edits the one that is given. */
export function TicketForm({ ticket }: { readonly ticket?: Ticket }) {
  const router = useRouter();
  // The server does not know the reader's time zone.
  const hydrated = useHydrated();
  const [currency, setCurrency] = useState<Currency>(ticket?.currency ?? 'eur');
  const form = useForm(async (typed) => {
    const read = readTicket({
      title: typed('title'),
      price: typed('price'),
      currency: typed('currency'),
      venue: typed('venue'),
      startsAt: startOf(typed('startsAt'), ticket),
    });
    if ('faults' in read) return read.faults;
    const outcome = ticket
      ? await call('PUT', `/api/tickets/${ticket.id}`, read.details, { 'If-Match': `"${ticket.version}"` })
      : await create('/api/tickets', read.details);
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
          {currencies.map((code) => (
            <option key={code} value={code}>
              {code.toUpperCase()}
            </option>
          ))}
        </SelectField>
      </div>
      <Field
        label="Venue"
        name="venue"
        autoComplete="off"
        defaultValue={ticket?.venue ?? ''}
        maxLength={200}
        hint="If you like."
        error={faults.fields.venue}
      />
      <Field
        key={hydrated && ticket?.startsAt ? 'local' : 'empty'}
        label="Starts"
        name="startsAt"
        type="datetime-local"
        defaultValue={hydrated && ticket?.startsAt ? localInputValue(ticket.startsAt) : ''}
        hint="If you like, in your own time zone."
        error={faults.fields.startsAt}
      />
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

/** An untouched field keeps the instant to the second, which the field itself cannot show. */
function startOf(local: string, ticket: Ticket | undefined): string {
  if (ticket?.startsAt && local === localInputValue(ticket.startsAt)) return ticket.startsAt;
  return local && (instantOf(local) ?? local);
}

function inWords(fault: Fault): FormFaults {
  if (fault.status === 412) {
    const message =
      'This ticket has changed since you opened this page. Load the page again to see how it is now, and then change it.';
    return { fields: {}, message };
  }
  if (fault.code === 'ticket-reserved') {
    return { fields: {}, message: 'Somebody has just reserved this ticket, so it cannot be changed now.' };
  }
  return formFaults(fault, ticketFields);
}
