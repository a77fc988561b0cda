import { z } from 'zod';

const password = 'let-me-in-please';
const seller = 'seller@example.com';
const buyer = 'buyer@example.com';

const day = 24 * 60 * 60 * 1000;

const shows = [
  ['Hamlet, front stalls', 8_900, 'Globe Theatre'],
  ['The Magic Flute, box seat', 12_500, 'Opera House'],
  ['Swan Lake, upper circle', 4_500, 'Opera House'],
  ['An evening of string quartets', 3_200, 'Chamber Hall'],
  ['Jazz at the harbour', 2_800, 'Pier 4'],
  ['Stand-up marathon', 1_900, 'The Cellar'],
  ['Cup final, north stand', 15_000, 'City Stadium'],
  ['Night of the museums', 1_500, 'Old Town'],
  ['Puppets for grown-ups', 2_200, 'Little Theatre'],
  ['Open-air cinema: a double feature', 1_400, 'Castle Gardens'],
  ['A capella festival, day pass', 5_600, "St Mary's"],
  ['New Year concert, balcony', 9_900, 'Philharmonic Hall'],
] as const;

const festival = {
  title: 'Summer festival',
  description: 'Three stages by the lake, from noon until the last tram.',
  venue: { name: 'Lakeside Park', address: '1 Shore Road' },
  timeZone: 'Europe/London',
  perPerson: 8,
  kinds: [
    { name: 'Standing', price: 4_900, quantity: 200 },
    {
      name: 'Grandstand',
      price: 8_900,
      quantity: 24,
      seats: ['A', 'B', 'C'].flatMap((row) => Array.from({ length: 8 }, (_, seat) => `${row}${seat + 1}`)),
    },
    { name: 'Children', price: 0, quantity: 50, maxPerOrder: 4 },
  ],
};

/** Creates two people, and a dozen tickets and a show of one of them, by the public API. What exists already stays. */
export async function seed(url: string, print: (line: string) => void): Promise<void> {
  const token = await signUp(url, seller);
  await signUp(url, buyer);
  const mine = z.array(z.unknown()).parse(await ask(`${url}/api/tickets/mine`, { token }));
  if (mine.length === 0) {
    for (const [number, [title, price, venue]] of shows.entries()) {
      const startsAt = eveningIn(number + 7);
      await ask(`${url}/api/tickets`, { token, body: { title, price, venue, startsAt, timeZone: 'Europe/London' } });
    }
  }
  const announced = z.array(z.unknown()).parse(await ask(`${url}/api/shows/mine`, { token }));
  if (announced.length === 0) {
    await ask(`${url}/api/shows`, { token, body: { ...festival, startsAt: eveningIn(shows.length + 7) } });
  }
  print(`To try it out: ${seller} sells, ${buyer} buys; both have the password ${password}`);
}

/** 20:00 UTC, so many days from now. */
function eveningIn(days: number): string {
  const evening = new Date(Date.now() + days * day);
  evening.setUTCHours(20, 0, 0, 0);
  return evening.toISOString();
}

/** Signs the person in, and up first if needed. */
async function signUp(url: string, email: string): Promise<string> {
  const body = JSON.stringify({ email, password });
  const answer = await fetch(`${url}/api/auth/signup`, { method: 'POST', headers: json, body });
  if (!answer.ok && answer.status !== 409) throw new Error(`${email} cannot sign up: ${await answer.text()}`);
  const { token } = z
    .object({ token: z.string() })
    .parse(await ask(`${url}/api/auth/token`, { body: { email, password } }));
  return token;
}

const json = { 'content-type': 'application/json' };

async function ask(url: string, { token, body }: { token?: string; body?: object }): Promise<unknown> {
  const answer = await fetch(url, {
    headers: { ...(body ? json : {}), ...(token ? { authorization: `Bearer ${token}` } : {}) },
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
