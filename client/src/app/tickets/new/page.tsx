import type { Metadata } from 'next';
import { TicketForm } from '../../../components/ticket-form.tsx';
import { mustHaveAccount } from '../../../server/gateway.ts';
import { page } from '../../../server/page.tsx';

export const metadata: Metadata = { title: 'Sell a ticket' };

export default page(async () => {
  await mustHaveAccount('/tickets/new');
  return <TicketForm />;
});
