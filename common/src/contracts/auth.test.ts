import { Credentials, NewAccount } from './auth.ts';
import { cookieNames } from './cookies.ts';
import { EmailAddress, normalizedEmail } from './email-address.ts';

describe('an e-mail address', () => {
  it.each([
    ['anna@example.com', 'anna@example.com'],
    ['ANNA@Example.COM', 'anna@example.com'],
    ['  anna@example.com\t', 'anna@example.com'],
    ['a&b@example.com', 'a&b@example.com'],
    ["o'hara+tickets/2@mail.example.co.uk", "o'hara+tickets/2@mail.example.co.uk"],
    ['!#$%&*=?^_`{|}~-@example.com', '!#$%&*=?^_`{|}~-@example.com'],
    ['jörg@example.de', 'jörg@example.de'],
    ['JO\u0308RG@example.de', 'jörg@example.de'],
    ['用户@例子.广告', '用户@xn--fsqu00a.xn--4rr70v'],
    ['θσερ@παράδειγμα.δοκιμή', 'θσερ@xn--hxajbheg2az3al.xn--jxalpdlp'],
    ['u@münchen.de', 'u@xn--mnchen-3ya.de'],
    ['u@MU\u0308NCHEN.DE', 'u@xn--mnchen-3ya.de'],
    ['u@xn--mnchen-3ya.de', 'u@xn--mnchen-3ya.de'],
    ['u@example\u3002com', 'u@example.com'],
    ['u@a.xn--p1ai', 'u@a.xn--p1ai'],
    ['u@r3---sn.example.com', 'u@r3---sn.example.com'],
  ])('may be "%s"', (written, kept) => {
    expect(EmailAddress.parse(written)).toBe(kept);
    expect(normalizedEmail(kept)).toBe(kept);
  });

  it.each(
    [
      ['', ' ', 'anna', 'anna@', '@example.com', '@', 'anna@@example.com', 'a@b@example.com'],
      ['an na@example.com', 'anna@example.com, eve@example.com', 'anna@exam ple.com', '<anna@example.com>'],
      ['.anna@example.com', 'anna.@example.com', 'an..na@example.com', '"anna"@example.com', 'an(na)@example.com'],
      ['anna@localhost', 'anna@.example.com', 'anna@example..com', 'anna@example.com.', 'anna@-a.com', 'anna@a-.com'],
      ['anna@example.com/path', 'anna@example.com:25', 'anna@example.com?a', 'anna@example.com#a', 'anna@%61.com'],
      ['anna@127.0.0.1', 'anna@[127.0.0.1]', 'anna@[::1]', 'anna@0x7f.1', 'anna@example.123', 'anna@a.0x1'],
      ['anna@ex_ample.com', 'anna@exa\u00admple..com', 'anna@exam\nple.com'],
      ['an\u0000na@example.com', 'an\u001b[31m@example.com', 'an\u009bna@example.com', 'an\u202ena@example.com'],
      ['\u3164@example.com', 'an\u200bna@example.com', 'an\ud800na@example.com', 'an\u3000na@example.com'],
    ].flat(),
  )('is not %j', (written) => {
    expect(EmailAddress.safeParse(written).success).toBe(false);
  });

  it('has at most 64 bytes before the @, and 254 in all once its domain is in ASCII', () => {
    const accepts = (email: string) => EmailAddress.safeParse(email).success;
    const domain = (length: number) => `${`${'x'.repeat(49)}.`.repeat(4)}${'y'.repeat(length - 200)}`;
    expect(accepts(`${'a'.repeat(64)}@example.com`)).toBe(true);
    expect(accepts(`${'a'.repeat(65)}@example.com`)).toBe(false);
    expect(accepts(`${'ä'.repeat(32)}@example.com`)).toBe(true);
    expect(accepts(`${'ä'.repeat(32)}a@example.com`)).toBe(false);
    expect(accepts(`${'a'.repeat(10)}@${domain(243)}`)).toBe(true);
    expect(accepts(`${'a'.repeat(11)}@${domain(243)}`)).toBe(false);
    expect(accepts(`anna@${'x'.repeat(64)}.com`)).toBe(false);
    expect(accepts(`anna@${'ü'.repeat(60)}.com`)).toBe(false);
  });

  it('is compared like an older one whose domain has no valid ASCII form, so that its account still signs in', () => {
    expect(normalizedEmail(' Anna@XN--zzzzzzzz99999.com ')).toBe('anna@xn--zzzzzzzz99999.com');
  });
});

describe('a password', () => {
  const isAccepted = (password: string) => NewAccount.safeParse({ email: 'anna@example.com', password }).success;
  const mayBeTried = (password: string) => Credentials.safeParse({ email: 'anna@example.com', password }).success;

  it.each([
    ['8 characters', 'x'.repeat(8), true],
    ['128 characters', 'x'.repeat(128), true],
    ['7 characters', 'x'.repeat(7), false],
    ['129 characters', 'x'.repeat(129), false],
    ['100 composed letters', 'ä'.repeat(100), true],
    ['100 decomposed letters', 'a\u0308'.repeat(100), true],
    ['128 letters of two marks each', 'o\u0302\u0301'.repeat(128), true],
    ['7 letters, decomposed', 'a\u0308'.repeat(7), false],
    ['128 emoji', '🎫'.repeat(128), true],
    ['4 emoji, which JavaScript counts as 8', '🎫'.repeat(4), false],
    ['one sign that stands for 18 letters', '\ufdfa', true],
    ['8 such signs, which are 144 letters', '\ufdfa'.repeat(8), false],
    ['half a character', `correct horse \ud800`, false],
    ['megabytes', 'x'.repeat(1_000_000), false],
  ])('may or may not be of %s', (_, password, accepted) => {
    expect(isAccepted(password)).toBe(accepted);
  });

  it('that is accepted may be tried however its letters are composed', () => {
    for (const password of ['ä'.repeat(128), 'ộ'.repeat(128), '🎫'.repeat(128)]) {
      expect(isAccepted(password)).toBe(true);
      for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) expect(mayBeTried(password.normalize(form))).toBe(true);
    }
  });

  it('keeps the blanks around it', () => {
    expect(NewAccount.parse({ email: 'anna@example.com', password: ' 12345678 ' }).password).toBe(' 12345678 ');
  });
});

describe('the name of the session’s cookie', () => {
  it.each([
    ['https://tickets.example', '__Host-session'],
    ['https://tickets.example:443', '__Host-session'],
    ['https://tickets.example:8443', '__Host-session-8443'],
    ['http://localhost', 'session'],
    ['http://localhost:80', 'session'],
    ['http://localhost:8080', 'session-8080'],
    ['http://localhost:443', 'session-443'],
  ])('of a shop at %s is %s', (origin, name) => {
    expect(cookieNames(origin).session).toBe(name);
  });
});
