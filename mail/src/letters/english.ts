import { type Order, ticketsOf, totalOf } from '@box-office/common/contracts/orders';
import { detailsOf, type Labels, moneyBack, placesOf, refundOf } from './details.ts';
import type { Formats } from './formats.ts';
import { linkPath, type Words } from './written.ts';

const viewOrder = ({ id }: Order) => ({ label: 'View your order', path: `/orders/${id}` });
const payNow = ({ id }: Order) => ({ label: 'Pay now', path: `/orders/${id}` });

const count = (tickets: number) => (tickets === 1 ? 'ticket' : 'tickets');

function someTickets(order: Order, ticketIds: readonly string[]): string {
  const all = ticketsOf(order).length;
  if (ticketIds.length === all) return all === 1 ? 'your ticket' : `your ${all} tickets`;
  return `${ticketIds.length} of your ${all} tickets`;
}

const labels: Labels = {
  ...{ event: 'Event', when: 'When', where: 'Where', tickets: 'Tickets', total: 'Total', free: 'Free' },
  ...{ orderNumber: 'Order number', newTime: 'New time', newVenue: 'New venue', before: 'Before' },
};
const details = (order: Order, formats: Formats) => detailsOf(order, formats, labels);

const untilShown = 'It usually takes 5 to 10 days to appear on your statement.';

function refundedSoFar(order: Order, formats: Formats): string {
  const { refunded, total } = refundOf(order, formats);
  return (order.refunded ?? 0) > 0
    ? `So far we have refunded ${refunded} of ${total}.`
    : `None of the ${total} has been refunded so far.`;
}

const cancelled: Record<NonNullable<Order['reason']>, { subject: (title: string) => string; text: string }> = {
  buyer: { subject: (it) => `Order cancelled: ${it}`, text: 'You have cancelled your order. Nothing was charged.' },
  expired: {
    subject: (it) => `Reservation expired: ${it}`,
    text: 'Your order was not paid in time, so the tickets are on sale again. Nothing was charged.',
  },
  'payment-failed': {
    subject: (it) => `Payment failed: ${it}`,
    text: 'Your payment did not go through, so your order was cancelled. Nothing was charged.',
  },
  withdrawn: {
    subject: (it) => `Order cancelled by the organiser: ${it}`,
    text: 'The organiser is no longer selling these tickets, so your order was cancelled. Nothing was charged.',
  },
};

const disputes = {
  inquiry: 'Your bank has asked about this payment. No money has moved.',
  open: 'Your bank has told us that you dispute this payment. It holds the money until the dispute is decided.',
  won: 'The dispute over this payment was decided in favour of the organiser. The payment stands.',
  lost: 'The dispute over this payment was decided in your favour. Your bank returns the money.',
};

const saleDisputes = {
  inquiry: 'The buyer’s bank has asked about this payment. No money has moved. You can answer it in Stripe.',
  open: 'The buyer’s bank disputes this payment and holds the money until it is decided. You can answer it in Stripe.',
  won: 'The dispute over this payment was decided in your favour. The payment stands.',
  lost: 'The dispute over this payment was decided in the buyer’s favour. The money was returned to the buyer.',
};

const reasons = {
  'show-cancelled': 'The event was cancelled.',
  'sale-over': 'The sale has ended.',
  'limit-reached': 'You already have as many tickets as one person may have.',
};

const links = {
  verify: {
    subject: 'Confirm your e-mail address',
    text: 'Please use this link to confirm that this is your e-mail address.',
    label: 'Confirm address',
  },
  'sign-in': { subject: 'Your sign-in link', text: 'This link signs you in.', label: 'Sign in' },
  reset: {
    subject: 'Reset your password',
    text: 'This link lets you choose a new password, which signs you out everywhere else.',
    label: 'Choose a new password',
  },
};

const check = {
  advice:
    'If that was you, there is nothing to do. If not, end the sessions that you do not recognise and change your password.',
  action: { label: 'Check your account', path: '/account' },
};

const notices = {
  'signed-in-elsewhere': {
    ...check,
    subject: 'New sign-in to your account',
    text: 'Somebody signed in to your account',
  },
  'password-changed': {
    ...check,
    subject: 'Your password was changed',
    text: 'The password of your account was changed',
  },
  'passkey-added': { ...check, subject: 'A passkey was added', text: 'A passkey was added to your account' },
  'passkey-removed': { ...check, subject: 'A passkey was removed', text: 'A passkey was removed from your account' },
  guesses: {
    subject: 'Wrong passwords for your account',
    text: 'Somebody has tried several wrong passwords for your account',
    advice:
      'If that was you, there is nothing to do. If not, nobody has got in, and the attempts are being slowed down. Make sure that you use your password nowhere else.',
    action: check.action,
  },
  'sign-up-tried': {
    subject: 'You already have an account',
    text: 'Somebody tried to create an account with your e-mail address, which has one already',
    advice: 'If that was you, sign in with your password, a passkey or a link by mail. If not, there is nothing to do.',
    action: { label: 'Sign in', path: '/signin' },
  },
};

const money = {
  coming: 'You get your money back; we will write to you when it has been refunded.',
  failed: 'An earlier refund did not reach you. Please contact the organiser if you do not hear from them.',
  refunded: 'Your money has already been refunded.',
  'charged-back': 'Your bank returns the money, because the dispute over this payment was decided in your favour.',
};

export const english: Words = {
  locale: 'en-GB',
  greeting: (name) => (name ? `Hello ${name},` : 'Hello,'),
  footer: (origin) => `You are receiving this message because of your order or account at ${origin}.`,
  guestFooter: (origin) =>
    `You are receiving this message because somebody gave your address for an order at ${origin}. If that was not you, you can ignore it.`,

  made: ({ order }, formats) => ({
    subject: `Reserved for you: ${order.ticket.title}`,
    paragraphs: [
      `We are holding your ${count(ticketsOf(order).length)} until ${formats.time(order.expiresAt, order.ticket.timeZone)}. Please pay by then, or the reservation expires.`,
    ],
    details: details(order, formats),
    action: payNow(order),
  }),
  offered: ({ order }, formats) => ({
    subject: `It is your turn: ${order.ticket.title}`,
    paragraphs: [
      `You were on the waiting list, and tickets have become available. They are yours if you pay by ${formats.time(order.expiresAt, order.ticket.timeZone)}; afterwards they go to the next in line.`,
    ],
    details: details(order, formats),
    action: payNow(order),
  }),
  paid: ({ order }, formats) => ({
    subject: `Your ${count(ticketsOf(order).length)}: ${order.ticket.title}`,
    paragraphs: [
      totalOf(order) === 0
        ? 'Your order is complete.'
        : 'Thank you. Your payment has arrived and your order is complete.',
    ],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  cancelled: ({ order }, formats) => {
    const { subject, text } = cancelled[order.reason ?? 'withdrawn'];
    return {
      subject: subject(order.ticket.title),
      paragraphs: [text],
      details: details(order, formats),
      action: viewOrder(order),
    };
  },
  refunded: ({ order }, formats) => ({
    subject: `Refunded: ${order.ticket.title}`,
    paragraphs: [`We have refunded ${refundOf(order, formats).total}. ${untilShown}`],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  'partly-refunded': ({ order }, formats) => ({
    subject: `Partly refunded: ${order.ticket.title}`,
    paragraphs: [`${refundedSoFar(order, formats)} ${untilShown}`],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  'refund-failed': ({ order }, formats) => ({
    subject: `Refund not possible: ${order.ticket.title}`,
    paragraphs: [
      `Your bank has not accepted a refund. ${refundedSoFar(order, formats)} Please contact the organiser if you do not hear from them.`,
    ],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  disputed: ({ order }, formats) => ({
    subject: `Disputed payment: ${order.ticket.title}`,
    paragraphs: [disputes[order.dispute?.status ?? 'inquiry']],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  'sale-disputed': ({ order }, formats) => ({
    subject: `Disputed sale: ${order.ticket.title}`,
    paragraphs: [saleDisputes[order.dispute?.status ?? 'inquiry']],
    details: details(order, formats),
    action: { label: 'View the sale', path: `/sales/${order.id}` },
  }),
  'show-cancelled': ({ order, ticketIds }, formats) => ({
    subject: `Cancelled: ${order.ticket.title}`,
    paragraphs: [
      `This event will not take place, so ${someTickets(order, ticketIds)} cannot be used.`,
      ...moneyBack(order, ticketIds, money),
    ],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  resold: ({ order, ticketIds }, formats) => ({
    subject: `Resold: ${order.ticket.title}`,
    paragraphs: [
      `What you offered has been bought: ${someTickets(order, ticketIds)}. What you have sold is no longer valid, so please do not use it.`,
      ...moneyBack(order, ticketIds, money),
    ],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  moved: ({ order, before, after }, formats) => ({
    subject: `Changed: ${order.ticket.title}`,
    paragraphs: ['The time or the venue of this event has changed. Your tickets stay valid.'],
    details: placesOf(order, before, after, formats, labels),
    action: viewOrder(order),
  }),
  'waited-in-vain': ({ entry }) => ({
    subject: `Waiting list: ${entry.title}`,
    paragraphs: [
      'No tickets have become available for you, and you are no longer on the waiting list.',
      reasons[entry.reason ?? 'sale-over'],
    ],
    details: [
      ['Event', entry.title],
      ['Tickets', `${entry.quantity} × ${entry.kind}`],
    ],
    action: { label: 'View the event', path: `/shows/${entry.showId}` },
  }),
  link: ({ purpose, token, expiresAt }, { time }) => ({
    subject: links[purpose].subject,
    paragraphs: [
      `${links[purpose].text} It can be used once, within ten minutes: until ${time(expiresAt)}.`,
      'If you did not ask for it, you can ignore this message. Nobody can get into your account without the link.',
    ],
    action: { label: links[purpose].label, path: linkPath(purpose, token), isKey: true },
  }),
  notice: ({ what, at, device }, { time }) => ({
    subject: notices[what].subject,
    paragraphs: [`${notices[what].text} (${time(at)}${device ? `, ${device}` : ''}).`, notices[what].advice],
    action: notices[what].action,
  }),
};
