import { eventually } from '@box-office/common/testing/eventually';
import type { Attack } from '../attack.ts';

/** Nobody can give a visitor a session, and one that has ended is nobody's. */
export const sessions: Attack = {
  name: 'sessions',
  promise: 'a session begins with signing in, is kept from scripts, and is over when it has ended',
  async run({ shop }) {
    const faults: string[] = [];
    const person = await shop.person();
    const other = await shop.person();
    const [name = '', own = ''] = person.cookie.split('=');
    const credentials = { email: person.email, password: person.password };
    const page = { 'Sec-Fetch-Site': 'same-origin' };
    const whoIs = async (headers: Record<string, string>) => {
      const { body } = await shop.ask('GET', '/api/auth/currentuser', undefined, headers);
      return JSON.parse(JSON.stringify(body)).currentUser?.id;
    };

    for (const planted of ['a'.repeat(43), other.cookie.split('=')[1] ?? '', `${own}; ${name}=${'b'.repeat(43)}`]) {
      const { headers } = await shop.ask('POST', '/api/auth/signin', credentials, {
        ...page,
        Cookie: `${name}=${planted}`,
      });
      const [given = ''] = headers.getSetCookie().filter((it) => it.startsWith(`${name}=`));
      const token = given.slice(name.length + 1).split(';')[0] ?? '';
      if (token.length !== 43 || planted.includes(token))
        faults.push('signing in kept a session that was there before');
      for (const wanted of ['HttpOnly', 'SameSite=Lax', 'Path=/'])
        if (!given.includes(wanted)) faults.push(`the cookie of a session lacks ${wanted}: ${given}`);
      if (/Domain=/i.test(given)) faults.push(`the cookie of a session is given to other hosts: ${given}`);

      await shop.ask('POST', '/api/auth/signout', undefined, { ...page, Cookie: `${name}=${token}` });
      // Every replica knows within a second.
      await eventually(async () => {
        if (await whoIs({ Cookie: `${name}=${token}` })) throw new Error('still somebody');
      }, 1_500).catch(() => faults.push('a session is still taken after signing out'));
      const again = await shop.ask('GET', '/api/orders', undefined, { Authorization: `Bearer ${token}` });
      if (again.status !== 401) faults.push(`a session that has ended was answered ${again.status}`);
    }
    for (const junk of [
      '',
      ' ',
      'x',
      'a'.repeat(42),
      'a'.repeat(44),
      'a'.repeat(4_000),
      '%00',
      '{"$ne":null}',
      `${own}x`,
    ]) {
      if (await whoIs({ Cookie: `${name}=${junk}` })) faults.push(`the session ${junk.slice(0, 50)} is somebody`);
      if (await whoIs({ Authorization: `Bearer ${junk}` })) faults.push(`the token ${junk.slice(0, 50)} is somebody`);
    }
    return { tried: 3 * 4 + 18, faults };
  },
};
