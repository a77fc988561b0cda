import type { Order, OrderedTicket } from '@box-office/common/contracts/orders';
import { CancelReason } from '@box-office/common/contracts/orders';
import { DisputeStatus } from '@box-office/common/contracts/payments';
import { LinkPurpose, NoticedWhat } from '@box-office/common/contracts/people';
import { OverReason } from '@box-office/common/contracts/waiting';
import { Letter } from '../letter.ts';
import { render } from './render.ts';

const at = '2027-02-01T19:00:00.000Z';
const id = '0123456789abcdef01234567';
const order: Order = {
  ...{ id, version: 0, userId: 'buyer', status: 'complete', attempt: 1, expiresAt: '2027-01-01T19:00:00.000Z' },
  ticket: {
    ...{ id, title: 'Opera <b>&', price: 3000, currency: 'eur' },
    ...{ venue: 'Hall', startsAt: at, timeZone: 'Europe/Berlin' },
  },
  tickets: [
    { id, attempt: 1, price: 1500, kind: 'Stalls' },
    { id: 'f'.repeat(24), attempt: 1, price: 1500, kind: 'Stalls' },
  ],
  total: 3000,
  currency: 'eur',
};
const entry = { id, version: 0, showId: id, kindId: id, kind: 'Stalls', title: 'Opera', quantity: 2, userId: 'u' };
const place = { startsAt: at, venue: 'Hall', timeZone: 'Europe/Berlin' };

/** At least one of every kind, with every reason, state, purpose and notice there is. */
const letters: Letter[] = [
  ...(['made', 'offered', 'paid', 'refunded', 'partly-refunded', 'refund-failed'] as const).map((kind) => ({
    kind,
    order,
  })),
  { kind: 'paid', order: { ...order, total: 0 } },
  ...CancelReason.options.map((reason) => ({ kind: 'cancelled' as const, order: { ...order, reason } })),
  ...DisputeStatus.options.flatMap((status) =>
    (['disputed', 'sale-disputed'] as const).map((kind) => ({
      kind,
      order: { ...order, dispute: { status, amount: 3000 } },
    })),
  ),
  { kind: 'show-cancelled', order, ticketIds: [id] },
  { kind: 'resold', order, ticketIds: [id, 'f'.repeat(24)] },
  { kind: 'moved', order, before: place, after: { ...place, venue: 'Arena' } },
  ...OverReason.options.map((reason) => ({
    kind: 'waited-in-vain' as const,
    entry: { ...entry, state: 'over' as const, reason },
  })),
  ...LinkPurpose.options.map((purpose) => ({ kind: 'link' as const, purpose, token: 'TOKEN', expiresAt: at })),
  ...NoticedWhat.options.map((what) => ({ kind: 'notice' as const, what, at, device: 'Firefox' })),
];
const origin = 'https://shop.example';

describe('every letter', () => {
  it('is tried here', () => {
    expect(new Set(letters.map(({ kind }) => kind))).toEqual(
      new Set(Letter.options.map(({ shape }) => shape.kind.value)),
    );
  });

  it.each(['en', 'de'] as const)('is complete in HTML and text (%s)', (language) => {
    for (const letter of letters) {
      const { subject, html, text } = render(letter, { language, name: 'Ann' }, origin);
      for (const content of [subject, html, text]) expect(content).not.toMatch(/undefined|NaN|\[object|Invalid Date/);
      expect(text).toContain('Ann,');
      expect(html).toContain(`lang="${language}"`);
      expect(text).toContain(origin);
      // Nothing that a mail program would load.
      expect(html).not.toMatch(/<img|<script|<link|url\(|@import/);
    }
  });

  it('tells a guest, who may be somebody else than its reader, that it can be ignored', () => {
    const [letter] = letters;
    if (!letter) throw new Error('there is no letter');
    const told = (language: 'en' | 'de', key?: string) =>
      /somebody gave your address|Ihre Adresse angegeben/.test(
        render(letter, { language, key }, origin).text.replaceAll('\n', ' '),
      );
    expect([told('en', 'KEY'), told('de', 'KEY'), told('en'), told('de')]).toEqual([true, true, false, false]);
  });

  it('carries a guest’s key in its link, unless the link is a key itself', () => {
    for (const letter of letters) {
      const { text } = render(letter, { language: 'en', key: 'KEY' }, origin);
      const links = (text.match(/https:\/\/shop\.example\/\S+/g) ?? []).map((link) => new URL(link));
      expect(links).toHaveLength(1);
      for (const { pathname, searchParams } of links) {
        if (letter.kind === 'link') expect([pathname, searchParams.get('token')]).toEqual(['/link', 'TOKEN']);
        else expect([pathname, searchParams.get('key'), searchParams.get('to')?.[0]]).toEqual(['/open', 'KEY', '/']);
      }
    }
  });
});

it('shows what sellers write as text, never as markup', () => {
  const { html, text, subject } = render({ kind: 'paid', order }, { language: 'en', name: '<i>Ann</i>' }, origin);
  expect(subject).toBe('Your tickets: Opera <b>&');
  expect(html).not.toMatch(/<b>|<i>Ann/);
  expect(text).toContain('Opera <b>&');
});

it('writes times in the zone of the show and amounts as its readers do', () => {
  const english = render({ kind: 'paid', order }, { language: 'en' }, origin).text;
  expect(english).toMatch(/Monday,? 1 February 2027 at 20:00 CET/);
  expect(english).toContain('€30.00');
  expect(english).toContain('2 × Stalls');
  const german = render({ kind: 'paid', order }, { language: 'de' }, origin).text;
  expect(german).toMatch(/Montag, 1\. Februar 2027 um 20:00 Uhr MEZ/);
  expect(german).toMatch(/30,00\s€/);
});

describe('a mail about tickets that have ended', () => {
  const [first, second] = [id, 'f'.repeat(24)];
  const lost = { dispute: { status: 'lost', amount: 3000 } } as const;
  const said = {
    en: {
      coming: 'You get your money back; we will write to you when it has been refunded.',
      failed: 'An earlier refund did not reach you. Please contact the organiser',
      refunded: 'Your money has already been refunded.',
      bank: 'Your bank returns the money, because the dispute over this payment was decided in your favour.',
    },
    de: {
      coming: 'Sie erhalten Ihr Geld zurück; wir schreiben Ihnen, sobald es erstattet ist.',
      failed: 'Eine frühere Erstattung hat Sie nicht erreicht. Bitte wenden Sie sich an den Veranstalter',
      refunded: 'Ihr Geld wurde bereits erstattet.',
      bank: 'Ihre Bank erstattet Ihnen das Geld, weil über die Anfechtung dieser Zahlung zu Ihren Gunsten entschieden',
    },
  };
  const withFirst = (more: Partial<OrderedTicket>): Partial<Order> => ({
    tickets: order.tickets?.map((it) => (it.id === first ? { ...it, ...more } : it)),
  });

  describe.each(['en', 'de'] as const)('in %s', (language) => {
    it.each<[string, (keyof typeof said.en)[], Partial<Order>, string[]]>([
      ['that the money comes back', ['coming'], {}, [first, second]],
      ['that it was refunded before', ['refunded'], { refundedAt: at, refunded: 3000 }, [first, second]],
      ['that the ticket was refunded before', ['refunded'], withFirst({ refundedAt: at }), [first]],
      ['that the money for the others comes back', ['coming'], withFirst({ refundedAt: at }), [first, second]],
      ['that the bank returns it', ['bank'], lost, [first, second]],
      ['that a refund has failed', ['failed'], withFirst({ refundFailedAt: at }), [first]],
      ['nothing of money for a free ticket', [], withFirst({ price: 0 }), [first]],
    ])('says %s', (_, sentences, more, ticketIds) => {
      for (const kind of ['show-cancelled', 'resold'] as const) {
        const letter = { kind, order: { ...order, ...more }, ticketIds };
        const text = render(letter, { language }, origin).text.replaceAll(/\s+/g, ' ');
        expect(Object.entries(said[language]).flatMap(([key, it]) => (text.includes(it) ? [key] : []))).toEqual(
          sentences,
        );
      }
    });

    it('names as valid, when a show moves, only those that are still the buyer’s', () => {
      const ticketsNamed = (more: Partial<Order>) =>
        /Tickets\s+(.*Stalls)/.exec(
          render(
            { kind: 'moved', order: { ...order, ...more }, before: place, after: { ...place, venue: 'Arena' } },
            { language },
            origin,
          ).text,
        )?.[1];
      expect(ticketsNamed({})).toBe('2 × Stalls');
      for (const gone of [{ refundedAt: at }, { ended: 'resold' }] as const)
        expect(ticketsNamed(withFirst(gone))).toBe('Stalls');
    });
  });
});

it('names a device in the language of the mail', () => {
  const notice = (device: string, language: 'en' | 'de') =>
    render({ kind: 'notice', what: 'guesses', at, device }, { language }, origin).text.replaceAll(/\s+/g, ' ');
  expect(notice('Firefox on Android', 'en')).toContain('Firefox on Android');
  expect(notice('Firefox on Android', 'de')).toContain('Firefox unter Android');
  expect(notice('Safari on iPhone', 'de')).toContain('Safari auf dem iPhone');
  expect(notice('Another program', 'de')).toContain('ein anderes Programm');
});

describe('a mail about a show whose title is written from right to left', () => {
  const title = 'أمسية 3 (القاهرة)!';
  const inIsolates = `\u2068${title}\u2069`;
  const ofShow: Order = {
    ...order,
    ticket: { ...order.ticket, title, venue: 'قاعة 2' },
    tickets: (order.tickets ?? []).map((it) => ({ ...it, kind: 'بلكون', seat: 'أ 12' })),
  };

  it('keeps it apart from the words around it, in the subject, HTML and text', () => {
    const { subject, html, text } = render({ kind: 'paid', order: ofShow }, { language: 'en', name: 'محمد' }, origin);
    expect(subject).toBe(`Your tickets: ${inIsolates}`);
    for (const content of [html, text]) {
      expect(content).toContain(inIsolates);
      for (const part of ['قاعة 2', 'بلكون', 'أ 12', 'محمد']) expect(content).toContain(`\u2068${part}\u2069`);
    }
  });

  it('says so in every kind of mail that names it', () => {
    const waited = { ...entry, title, kind: 'بلكون', state: 'over', reason: 'sale-over' } as const;
    const there = { ...place, venue: 'قاعة 2' };
    for (const letter of [
      { kind: 'waited-in-vain', entry: waited },
      { kind: 'moved', order: ofShow, before: there, after: there },
    ] as const) {
      const { text } = render(letter, { language: 'de' }, origin);
      expect(text.replaceAll(/\u2068[^\u2069]*\u2069/g, '')).not.toMatch(/\p{Script=Arabic}/u);
    }
  });

  it('has no marks that would turn around what follows', () => {
    const turned = { ...order, ticket: { ...order.ticket, title: 'Opera\u202e\u2069' } };
    expect(render({ kind: 'paid', order: turned }, { language: 'en' }, origin).subject).toBe('Your tickets: Opera');
  });
});

it('can be read on a phone and in the dark', () => {
  const { html } = render({ kind: 'paid', order }, { language: 'en' }, origin);
  expect(html).toContain('name="viewport"');
  expect(html).toContain('content="light dark"');
  expect(html).toContain('prefers-color-scheme: dark');
});

it('advises what fits to what was noticed', () => {
  const notice = (what: (typeof NoticedWhat.options)[number]) =>
    render({ kind: 'notice', what, at }, { language: 'en' }, origin).text.replaceAll(/\s+/g, ' ');
  expect(notice('signed-in-elsewhere')).toContain('end the sessions that you do not recognise');
  expect(notice('guesses')).toContain('nobody has got in');
  expect(notice('sign-up-tried')).toMatch(/sign in with your password.*\/signin/);
});
