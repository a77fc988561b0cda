import { Id } from '@box-office/common/contracts/primitives';
import type { Ledger } from './ledger.ts';
import type { Row } from './rows.ts';

/**
 * The order that a payment, or what belongs to one, is about: the platform writes it into the payment's metadata.
 * Undefined if it is not there, or not an id.
 */
export function orderOf(row: Row | undefined, find: Ledger['find']): string | undefined {
  if (!row || row.kind === 'method') return undefined;
  if (row.kind === 'intent') return Id.safeParse(row.metadata.orderId).data;
  const intent = find(row.intentId);
  return intent?.kind === 'intent' ? orderOf(intent, find) : undefined;
}
