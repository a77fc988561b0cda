import type { Metadata } from 'next';
import { TicketForm } from '../../../components/ticket-form.tsx';
import { mustBeSignedIn } from '../../../server/gateway.ts';

export const metadata: Metadata = { title: 'Sell a ticket' };

export default async function NewTicketPage() {
  await mustBeSignedIn('/tickets/new');
  return <TicketForm />;
}
