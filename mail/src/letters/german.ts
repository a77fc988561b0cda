import { type Order, ticketsOf, totalOf } from '@box-office/common/contracts/orders';
import { detailsOf, type Labels, moneyBack, placesOf, refundOf } from './details.ts';
import type { Formats } from './formats.ts';
import { linkPath, type Words } from './written.ts';

const viewOrder = ({ id }: Order) => ({ label: 'Bestellung ansehen', path: `/orders/${id}` });
const payNow = ({ id }: Order) => ({ label: 'Jetzt bezahlen', path: `/orders/${id}` });

const yours = (order: Order) => (ticketsOf(order).length === 1 ? 'Ihr Ticket' : 'Ihre Tickets');

function someTickets(order: Order, ticketIds: readonly string[]): string {
  const all = ticketsOf(order).length;
  if (ticketIds.length === all) return all === 1 ? 'Ihr Ticket' : `Ihre ${all} Tickets`;
  return `${ticketIds.length} von Ihren ${all} Tickets`;
}

const labels: Labels = {
  ...{ event: 'Veranstaltung', when: 'Wann', where: 'Wo', tickets: 'Tickets', total: 'Summe', free: 'Kostenlos' },
  ...{ orderNumber: 'Bestellnummer', newTime: 'Neuer Termin', newVenue: 'Neuer Ort', before: 'Bisher' },
};
const details = (order: Order, formats: Formats) => detailsOf(order, formats, labels);

const untilShown = 'Bis der Betrag auf Ihrem Kontoauszug erscheint, dauert es meist 5 bis 10 Tage.';

function refundedSoFar(order: Order, formats: Formats): string {
  const { refunded, total } = refundOf(order, formats);
  return (order.refunded ?? 0) > 0
    ? `Bisher haben wir ${refunded} von ${total} erstattet.`
    : `Von ${total} wurde bisher nichts erstattet.`;
}

const cancelled: Record<NonNullable<Order['reason']>, { subject: string; text: string }> = {
  buyer: { subject: 'Bestellung storniert', text: 'Sie haben Ihre Bestellung storniert. Es wurde nichts abgebucht.' },
  expired: {
    subject: 'Reservierung abgelaufen',
    text: 'Ihre Bestellung wurde nicht rechtzeitig bezahlt, daher sind die Tickets wieder im Verkauf. Es wurde nichts abgebucht.',
  },
  'payment-failed': {
    subject: 'Zahlung fehlgeschlagen',
    text: 'Ihre Zahlung war nicht erfolgreich, daher wurde Ihre Bestellung storniert. Es wurde nichts abgebucht.',
  },
  withdrawn: {
    subject: 'Vom Veranstalter storniert',
    text: 'Der Veranstalter verkauft diese Tickets nicht mehr, daher wurde Ihre Bestellung storniert. Es wurde nichts abgebucht.',
  },
};

const disputes = {
  inquiry: 'Ihre Bank hat zu dieser Zahlung eine Rückfrage gestellt. Es ist kein Geld geflossen.',
  open: 'Ihre Bank hat uns mitgeteilt, dass Sie diese Zahlung anfechten. Sie behält das Geld ein, bis darüber entschieden ist.',
  won: 'Über die Anfechtung dieser Zahlung wurde zugunsten des Veranstalters entschieden. Die Zahlung bleibt bestehen.',
  lost: 'Über die Anfechtung dieser Zahlung wurde zu Ihren Gunsten entschieden. Ihre Bank erstattet Ihnen das Geld.',
};

const saleDisputes = {
  inquiry:
    'Die Bank des Käufers hat zu dieser Zahlung eine Rückfrage gestellt. Es ist kein Geld geflossen. Sie können in Stripe antworten.',
  open: 'Die Bank des Käufers ficht diese Zahlung an und behält das Geld ein, bis darüber entschieden ist. Sie können in Stripe antworten.',
  won: 'Über die Anfechtung dieser Zahlung wurde zu Ihren Gunsten entschieden. Die Zahlung bleibt bestehen.',
  lost: 'Über die Anfechtung dieser Zahlung wurde zugunsten des Käufers entschieden. Das Geld ging an den Käufer zurück.',
};

const reasons = {
  'show-cancelled': 'Die Veranstaltung wurde abgesagt.',
  'sale-over': 'Der Verkauf ist beendet.',
  'limit-reached': 'Sie haben bereits so viele Tickets, wie eine Person haben darf.',
};

const links = {
  verify: {
    subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
    text: 'Bitte bestätigen Sie mit diesem Link, dass dies Ihre E-Mail-Adresse ist.',
    label: 'Adresse bestätigen',
  },
  'sign-in': { subject: 'Ihr Anmeldelink', text: 'Mit diesem Link melden Sie sich an.', label: 'Anmelden' },
  reset: {
    subject: 'Passwort zurücksetzen',
    text: 'Mit diesem Link wählen Sie ein neues Passwort. Damit werden Sie überall sonst abgemeldet.',
    label: 'Neues Passwort wählen',
  },
};

const check = {
  advice:
    'Wenn Sie das waren, brauchen Sie nichts zu tun. Wenn nicht, beenden Sie die Sitzungen, die Sie nicht kennen, und ändern Sie Ihr Passwort.',
  action: { label: 'Konto prüfen', path: '/account' },
};

const notices = {
  'signed-in-elsewhere': {
    ...check,
    subject: 'Neue Anmeldung bei Ihrem Konto',
    text: 'Jemand hat sich bei Ihrem Konto angemeldet',
  },
  'password-changed': {
    ...check,
    subject: 'Ihr Passwort wurde geändert',
    text: 'Das Passwort Ihres Kontos wurde geändert',
  },
  'passkey-added': {
    ...check,
    subject: 'Ein Passkey wurde hinzugefügt',
    text: 'Ihrem Konto wurde ein Passkey hinzugefügt',
  },
  'passkey-removed': {
    ...check,
    subject: 'Ein Passkey wurde entfernt',
    text: 'Aus Ihrem Konto wurde ein Passkey entfernt',
  },
  guesses: {
    subject: 'Falsche Passwörter für Ihr Konto',
    text: 'Jemand hat mehrere falsche Passwörter für Ihr Konto eingegeben',
    advice:
      'Wenn Sie das waren, brauchen Sie nichts zu tun. Wenn nicht: Es ist niemand in Ihr Konto gelangt, und die Versuche werden gebremst. Verwenden Sie Ihr Passwort nirgends sonst.',
    action: check.action,
  },
  'sign-up-tried': {
    subject: 'Sie haben bereits ein Konto',
    text: 'Jemand wollte mit Ihrer E-Mail-Adresse ein Konto anlegen, zu der es bereits eines gibt',
    advice:
      'Wenn Sie das waren, melden Sie sich mit Ihrem Passwort, einem Passkey oder einem Link per E-Mail an. Wenn nicht, brauchen Sie nichts zu tun.',
    action: { label: 'Anmelden', path: '/signin' },
  },
};

const money = {
  coming: 'Sie erhalten Ihr Geld zurück; wir schreiben Ihnen, sobald es erstattet ist.',
  failed:
    'Eine frühere Erstattung hat Sie nicht erreicht. Bitte wenden Sie sich an den Veranstalter, falls Sie nichts von ihm hören.',
  refunded: 'Ihr Geld wurde bereits erstattet.',
  'charged-back':
    'Ihre Bank erstattet Ihnen das Geld, weil über die Anfechtung dieser Zahlung zu Ihren Gunsten entschieden wurde.',
};

/** Auth names devices in English, such as `Firefox on Android`. */
const deviceOf = (device: string) =>
  device
    .replace(/ on (?=iPhone|iPad)/, ' auf dem ')
    .replace(' on ', ' unter ')
    .replace('Another program', 'ein anderes Programm')
    .replace('Google app', 'Google-App');

export const german: Words = {
  locale: 'de-DE',
  greeting: (name) => (name ? `Guten Tag ${name},` : 'Guten Tag,'),
  footer: (origin) => `Sie erhalten diese Nachricht wegen Ihrer Bestellung oder Ihres Kontos bei ${origin}.`,
  guestFooter: (origin) =>
    `Sie erhalten diese Nachricht, weil bei einer Bestellung bei ${origin} Ihre Adresse angegeben wurde. Wenn Sie das nicht waren, können Sie sie ignorieren.`,

  made: ({ order }, formats) => ({
    subject: `Für Sie reserviert: ${order.ticket.title}`,
    paragraphs: [
      `Wir haben ${yours(order)} bis ${formats.time(order.expiresAt, order.ticket.timeZone)} für Sie reserviert. Bitte bezahlen Sie bis dahin, sonst verfällt die Reservierung.`,
    ],
    details: details(order, formats),
    action: payNow(order),
  }),
  offered: ({ order }, formats) => ({
    subject: `Sie sind an der Reihe: ${order.ticket.title}`,
    paragraphs: [
      `Sie standen auf der Warteliste, und nun sind Tickets frei geworden. Wenn Sie bis ${formats.time(order.expiresAt, order.ticket.timeZone)} bezahlen, gehören sie Ihnen; danach kommen die Nächsten an die Reihe.`,
    ],
    details: details(order, formats),
    action: payNow(order),
  }),
  paid: ({ order }, formats) => ({
    subject: `${yours(order)}: ${order.ticket.title}`,
    paragraphs: [
      totalOf(order) === 0
        ? 'Ihre Bestellung ist abgeschlossen.'
        : 'Vielen Dank. Ihre Zahlung ist eingegangen, und Ihre Bestellung ist abgeschlossen.',
    ],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  cancelled: ({ order }, formats) => {
    const { subject, text } = cancelled[order.reason ?? 'withdrawn'];
    return {
      subject: `${subject}: ${order.ticket.title}`,
      paragraphs: [text],
      details: details(order, formats),
      action: viewOrder(order),
    };
  },
  refunded: ({ order }, formats) => ({
    subject: `Erstattet: ${order.ticket.title}`,
    paragraphs: [`Wir haben ${refundOf(order, formats).total} erstattet. ${untilShown}`],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  'partly-refunded': ({ order }, formats) => ({
    subject: `Teilweise erstattet: ${order.ticket.title}`,
    paragraphs: [`${refundedSoFar(order, formats)} ${untilShown}`],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  'refund-failed': ({ order }, formats) => ({
    subject: `Erstattung nicht möglich: ${order.ticket.title}`,
    paragraphs: [
      `Ihre Bank hat eine Erstattung zurückgewiesen. ${refundedSoFar(order, formats)} Bitte wenden Sie sich an den Veranstalter, falls Sie nichts von ihm hören.`,
    ],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  disputed: ({ order }, formats) => ({
    subject: `Angefochtene Zahlung: ${order.ticket.title}`,
    paragraphs: [disputes[order.dispute?.status ?? 'inquiry']],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  'sale-disputed': ({ order }, formats) => ({
    subject: `Angefochtener Verkauf: ${order.ticket.title}`,
    paragraphs: [saleDisputes[order.dispute?.status ?? 'inquiry']],
    details: details(order, formats),
    action: { label: 'Verkauf ansehen', path: `/sales/${order.id}` },
  }),
  'show-cancelled': ({ order, ticketIds }, formats) => ({
    subject: `Abgesagt: ${order.ticket.title}`,
    paragraphs: [
      `Diese Veranstaltung findet nicht statt. Das betrifft ${someTickets(order, ticketIds)}.`,
      ...moneyBack(order, ticketIds, money),
    ],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  resold: ({ order, ticketIds }, formats) => ({
    subject: `Weiterverkauft: ${order.ticket.title}`,
    paragraphs: [
      `Ihr Angebot hat einen Käufer gefunden: ${someTickets(order, ticketIds)}. Was Sie verkauft haben, ist nicht mehr gültig; bitte verwenden Sie es nicht.`,
      ...moneyBack(order, ticketIds, money),
    ],
    details: details(order, formats),
    action: viewOrder(order),
  }),
  moved: ({ order, before, after }, formats) => ({
    subject: `Geändert: ${order.ticket.title}`,
    paragraphs: ['Der Termin oder der Ort dieser Veranstaltung hat sich geändert. Ihre Tickets bleiben gültig.'],
    details: placesOf(order, before, after, formats, labels),
    action: viewOrder(order),
  }),
  'waited-in-vain': ({ entry }) => ({
    subject: `Warteliste: ${entry.title}`,
    paragraphs: [
      'Es sind keine Tickets für Sie frei geworden, und Sie stehen nicht mehr auf der Warteliste.',
      reasons[entry.reason ?? 'sale-over'],
    ],
    details: [
      ['Veranstaltung', entry.title],
      ['Tickets', `${entry.quantity} × ${entry.kind}`],
    ],
    action: { label: 'Veranstaltung ansehen', path: `/shows/${entry.showId}` },
  }),
  link: ({ purpose, token, expiresAt }, { time }) => ({
    subject: links[purpose].subject,
    paragraphs: [
      `${links[purpose].text} Sie können ihn einmal verwenden, und zwar innerhalb von zehn Minuten: bis ${time(expiresAt)}.`,
      'Falls Sie ihn nicht angefordert haben, können Sie diese Nachricht ignorieren. Ohne den Link hat niemand Zugang zu Ihrem Konto.',
    ],
    action: { label: links[purpose].label, path: linkPath(purpose, token), isKey: true },
  }),
  notice: ({ what, at, device }, { time }) => ({
    subject: notices[what].subject,
    paragraphs: [`${notices[what].text} (${time(at)}${device ? `, ${deviceOf(device)}` : ''}).`, notices[what].advice],
    action: notices[what].action,
  }),
};
