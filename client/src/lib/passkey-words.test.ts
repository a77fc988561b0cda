import { passkeyRefusal, whyNoPasskeys } from './passkey-words.ts';

const able = { isSecure: true, hasWebAuthn: true };

describe('passkeys on a page', () => {
  it.each(['http://localhost:8080/account', 'https://tickets.example/signin', 'https://1.tickets.example/'])(
    'can be used at %s',
    (url) => expect(whyNoPasskeys({ url, ...able })).toBeNull(),
  );

  it.each([
    ['http://127.0.0.1:8080/account', 'http://localhost:8080 '],
    ['https://127.0.0.1/', 'https://localhost '],
    ['http://[::1]:8080/', 'http://localhost:8080 '],
  ])('cannot be used at %s, which says where they can', (url, there) => {
    expect(whyNoPasskeys({ url, ...able })).toContain(`Open the shop at ${there}`);
  });

  it.each(['http://192.168.7.5:8080/', 'https://203.0.113.9/', 'https://[2001:db8::1]/'])(
    'cannot be used at the address %s',
    (url) => expect(whyNoPasskeys({ url, ...able })).toContain('has a name'),
  );

  it('cannot be used over plain http, or in a browser without them', () => {
    const url = 'http://tickets.example/';
    expect(whyNoPasskeys({ url, isSecure: false, hasWebAuthn: false })).toContain('https');
    expect(whyNoPasskeys({ url, isSecure: true, hasWebAuthn: false })).toBe('This browser has no passkeys.');
  });
});

describe('a passkey that was not made or used', () => {
  it('is told in words, whatever the browser throws', () => {
    expect(passkeyRefusal('make', 'NotAllowedError')).toContain('cancelled');
    expect(passkeyRefusal('sign-in', 'NotAllowedError')).toContain('cancelled');
    expect(passkeyRefusal('make', 'InvalidStateError')).toContain('already');
    expect(passkeyRefusal('sign-in', 'SecurityError')).toContain('this address');
    expect(passkeyRefusal('make', 'UnknownError')).toContain('another device');
    expect(passkeyRefusal('sign-in', '__proto__')).toContain('another way');
  });
});
