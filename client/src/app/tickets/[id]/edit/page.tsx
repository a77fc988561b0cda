import { Ticket } from '@box-office/common/contracts/tickets';
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { TicketForm } from '../../../../components/ticket-form.tsx';
import { mustBeSignedIn, read } from '../../../../server/gateway.ts';

export const metadata: Metadata = { title: 'Edit your ticket' };

export default async function EditTicketPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { id } = await params;
  const path = `/tickets/${encodeURIComponent(id)}`;
  const [user, { data: ticket }] = await Promise.all([
    mustBeSignedIn(`${path}/edit`),
    read(`/api${path}`, Ticket, `${path}/edit`),
  ]);
  // The page of the ticket says why it cannot be edited.
  if (ticket.userId !== user.id || ticket.state !== 'on-sale') redirect(path);
  return <TicketForm ticket={ticket} />;
}
