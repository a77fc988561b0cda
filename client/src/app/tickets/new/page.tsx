import type { Metadata } from 'next';
import { TicketForm } from '../../../components/ticket-form.tsx';
import { mustBeSignedIn } from '../../../server/gateway.ts';
import { page } from '../../../server/page.tsx';

export const metadata: Metadata = { title: 'Sell a ticket' };

export default page(async () => {
  await mustBeSignedIn('/tickets/new');
  return <TicketForm />;
});
