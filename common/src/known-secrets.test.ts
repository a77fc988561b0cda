import { randomBytes } from 'node:crypto';
import { hasKnownPassword, isKnownSecret } from './known-secrets.ts';

it.each([
  'sk_test_sandbox',
  'sk_live_…',
  'sk_test_...',
  'sk_test_xxxxxxxxxxxx',
  'whsec_',
  'whsec_secret',
  'whsec_your_secret',
  'change-me',
  'CHANGEME',
  'password',
  'my-password',
  'YOUR_KEY',
  '<password>',
  'admin',
  '123456',
  'SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY',
  'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
])('%s is no secret', (text) => {
  expect(isKnownSecret(text)).toBe(true);
});

it('takes what is made for an installation', () => {
  for (let made = 0; made < 200; made++) {
    const random = randomBytes(16).toString('hex');
    for (const text of [`sk_test_sandbox${random}`, `sk_live_${random}`, `whsec_${random}`, random])
      expect([text, isKnownSecret(text)]).toEqual([text, false]);
  }
});

it('looks at the password in an address', () => {
  for (const url of ['mongodb://me:password@db/x', 'mongodb+srv://me:change%2Dme@db', 'mongodb://root:example@db'])
    expect([url, hasKnownPassword(url)]).toEqual([url, true]);
  for (const url of ['mongodb://127.0.0.1:1/x', 'mongodb://me@db', 'mongodb://me:4f9c1f1d0a@db/x'])
    expect([url, hasKnownPassword(url)]).toEqual([url, false]);
});
