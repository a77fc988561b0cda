import { eventually } from '@box-office/common/testing/eventually';
import { z } from 'zod';
import type { Person, Shop } from '../../support/shop.ts';
import type { Attack } from '../attack.ts';

/** One path of each service that has routes for people. */
const everywhere = ['/api/auth/account', '/api/tickets/mine', '/api/orders', '/api/mail/refused'];
const newPassword = 'another horse battery';

interface Ending {
  readonly what: string;
  /** Done with one session; returns the token of one that must go on, if any. */
  readonly act: (shop: Shop, own: Person) => Promise<string | undefined>;
  /** Whether the session that did it has ended itself. */
  readonly endsOwn?: true;
}

/** All that ends the other sessions of somebody. */
const endings: readonly Ending[] = [
  {
    what: 'ended from a list',
    async act(_shop, own) {
      const { body } = await own.call<{ id: string; current: boolean }[]>('GET', '/api/auth/sessions');
      for (const { id, current } of body)
        if (!current) await must(204, own.call('DELETE', `/api/auth/sessions/${id}`), 'ending one session');
      return own.token;
    },
  },
  {
    what: 'ended with all others',
    async act(_shop, own) {
      await must(204, own.call('DELETE', '/api/auth/sessions'), 'ending the others');
      return own.token;
    },
  },
  {
    what: 'whose password was changed',
    async act(_shop, own) {
      const change = { current: own.password, password: newPassword };
      await must(204, own.call('PUT', '/api/auth/password', change), 'changing the password');
      return own.token;
    },
  },
  {
    what: 'whose password was reset',
    endsOwn: true,
    async act(shop, { email }) {
      const token = await linkTo(shop, email, 'reset');
      const use = (more: object) => shop.ask('POST', '/api/auth/links/use', { token, ...more });
      const { headers } = await must(200, use({ password: newPassword }), 'resetting the password');
      await must(410, use({ password: 'a third horse battery' }), 'the same link again');
      return headers.getSetCookie()[0]?.split(/[=;]/)[1];
    },
  },
  {
    what: 'of an account that was deleted',
    endsOwn: true,
    async act(_shop, own) {
      await must(204, own.call('DELETE', '/api/auth/account', { password: own.password }), 'deleting the account');
      return undefined;
    },
  },
  {
    what: 'of which everybody was signed out',
    endsOwn: true,
    async act(shop, own) {
      await must(204, own.call('DELETE', '/api/auth/sessions'), 'ending the others');
      await must(204, own.call('POST', '/api/auth/signout'), 'signing out');
      await must(401, shop.ask('GET', '/api/orders', undefined, { Cookie: own.cookie }), 'its cookie');
      return undefined;
    },
  },
];

/** A session that has ended, whatever ended it, is of no use to whoever has kept it, and no link works twice. */
export const endingsAttack: Attack = {
  name: 'endings',
  promise: 'what ends a session ends it everywhere within a second, and a link works once',
  async run({ shop }) {
    const faults = await Promise.all(endings.map((ending) => faultsOf(shop, ending).catch((error) => [`${error}`])));
    return { tried: endings.length * everywhere.length, faults: faults.flat() };
  },
};

async function faultsOf(shop: Shop, { what, act, endsOwn }: Ending): Promise<string[]> {
  const own = await shop.person();
  const { email, password } = own;
  const kept = await must(200, shop.ask('POST', '/api/auth/token', { email, password }), 'signing in again');
  const { token } = z.object({ token: z.string() }).parse(kept.body);
  const statuses = (it: string) =>
    Promise.all(
      everywhere.map(
        async (path) => (await shop.ask('GET', path, undefined, { Authorization: `Bearer ${it}` })).status,
      ),
    );
  const before = await statuses(token);
  if (before.some((status) => status !== 200)) return [`a new session was answered ${before}`];

  const goesOn = await act(shop, own);
  const faults: string[] = [];
  const mustEnd = async (it: string, whose: string) => {
    // Every replica knows within a second.
    await eventually(async () => {
      const after = await statuses(it);
      if (after.some((status) => status !== 401)) throw new Error(`${whose} ${what} was answered ${after}`);
    }, 1_500).catch((error) => faults.push(`${error}`));
  };
  await mustEnd(token, 'a session');
  if (endsOwn) await mustEnd(own.token, 'the session itself,');
  if (goesOn && (await statuses(goesOn)).some((status) => status !== 200))
    faults.push(`what ended a session ${what} has ended the owner's own, too`);
  return faults;
}

async function must<Answer extends { readonly status: number }>(
  expected: number,
  asking: Promise<Answer>,
  what: string,
): Promise<Answer> {
  const answer = await asking;
  if (answer.status !== expected) throw new Error(`${what} was answered ${answer.status} and not ${expected}`);
  return answer;
}

const Mails = z.array(z.object({ text: z.string() }));

/** The token in the link that somebody is mailed. */
async function linkTo(shop: Shop, email: string, purpose: 'reset'): Promise<string> {
  await must(202, shop.ask('POST', '/api/auth/links', { purpose, email }), 'asking for a link');
  const mailbox = new URL(`/mailbox.json?to=${encodeURIComponent(email)}`, shop.platform.addresses.mail);
  return eventually(async () => {
    const mails = Mails.parse(await (await fetch(mailbox)).json());
    const token = mails.map(({ text }) => /[?&#]token=([\w-]{43})/.exec(text)?.[1]).find((it) => it);
    if (!token) throw new Error(`among ${mails.length} mails to ${email} is no link: ${mails[0]?.text}`);
    return token;
  }, 20_000);
}
