'use client';

import { decimalPrice } from '@box-office/common/contracts/money';
import type { Currency } from '@box-office/common/contracts/primitives';
import type { ListedShow } from '@box-office/common/contracts/shows';
import { kindField } from '../lib/show-form.ts';
import { priceHint } from '../lib/ticket-form.ts';
import { Button } from './button.tsx';
import { Field, TextField } from './fields.tsx';
import { TimeField } from './time-field.tsx';

interface KindFieldsProps {
  readonly index: number;
  /** The kind being edited, and the zone of its show. */
  readonly kind?: ListedShow['kinds'][number] | undefined;
  readonly knownZone?: string | undefined;
  readonly currency: Currency;
  readonly zone: string;
  readonly faults: Readonly<Record<string, string>>;
  /** Missing if it must stay. */
  readonly onRemove?: (() => void) | undefined;
}

/** One kind of tickets in the form of a show. */
export function KindFields({ index, kind, knownZone, currency, zone, faults, onRemove }: KindFieldsProps) {
  const name = (field: Parameters<typeof kindField>[1]) => kindField(index, field);
  const inDetails = (['maxPerOrder', 'salesFrom', 'salesUntil', 'seats'] as const).map(name);
  const isOpen = inDetails.some((field) => faults[field]) || kind?.salesFrom || kind?.salesUntil || kind?.maxPerOrder;
  return (
    <fieldset className="kind">
      <legend>Kind {index + 1}</legend>
      <Field
        label="Name"
        name={name('name')}
        autoComplete="off"
        defaultValue={kind?.name}
        maxLength={200}
        hint="Such as Stalls, Balcony or Reduced."
        error={faults[name('name')]}
      />
      <div className="fields-2">
        <Field
          label="Price"
          name={name('price')}
          inputMode="decimal"
          autoComplete="off"
          defaultValue={kind && decimalPrice(kind.price, currency)}
          hint={priceHint(currency)}
          error={faults[name('price')]}
        />
        <Field
          label="Tickets"
          name={name('quantity')}
          inputMode="numeric"
          autoComplete="off"
          defaultValue={kind?.quantity}
          hint={kind ? 'Never fewer than are reserved or sold.' : 'How many there are.'}
          error={faults[name('quantity')]}
        />
      </div>
      <details open={isOpen ? true : undefined}>
        <summary>{kind && !kind.seated ? 'Limit and sale times' : 'Limit, sale times and seats'}</summary>
        <Field
          label="At most per order"
          name={name('maxPerOrder')}
          inputMode="numeric"
          autoComplete="off"
          defaultValue={kind?.maxPerOrder}
          hint="Optional."
          error={faults[name('maxPerOrder')]}
        />
        <TimeField
          label="On sale from"
          name={name('salesFrom')}
          zone={zone}
          known={kind?.salesFrom}
          knownZone={knownZone}
          hint="Optional. At once if left empty."
          error={faults[name('salesFrom')]}
        />
        <TimeField
          label="On sale until"
          name={name('salesUntil')}
          zone={zone}
          known={kind?.salesUntil}
          knownZone={knownZone}
          hint="Optional. Until the start if left empty."
          error={faults[name('salesUntil')]}
        />
        {(!kind || kind.seated) && (
          <TextField
            label={kind ? 'Further seats' : 'Seats'}
            name={name('seats')}
            rows={3}
            hint="Optional. One label per ticket: A1, A2, B1. A1..A12 is twelve seats."
            error={faults[name('seats')]}
          />
        )}
      </details>
      {onRemove && (
        <div className="actions">
          <Button look="quiet" label={`Remove kind ${index + 1}`} onClick={onRemove}>
            Remove this kind
          </Button>
        </div>
      )}
    </fieldset>
  );
}
