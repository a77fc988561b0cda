import { Ticket } from '@box-office/common/contracts/tickets';
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { TicketForm } from '../../../../components/ticket-form.tsx';
import { idIn, mustBeSignedIn, read } from '../../../../server/gateway.ts';
import { page } from '../../../../server/page.tsx';

export const metadata: Metadata = { title: 'Edit your ticket' };

export default page(async ({ params }: { readonly params: Promise<{ readonly id: string }> }) => {
  const path = `/tickets/${idIn(await params)}`;
  const [user, { data: ticket }] = await Promise.all([
    mustBeSignedIn(`${path}/edit`),
    read(`/api${path}`, Ticket, `${path}/edit`),
  ]);
  // The ticket's page explains why it cannot be edited.
  if (ticket.userId !== user.id || ticket.state !== 'on-sale' || ticket.offered) redirect(path);
  return <TicketForm ticket={ticket} />;
});
