import { type Chapter, none, testsIn } from './requirement.ts';

const contract = testsIn('common/src/contracts/auth.test.ts');
const guesses = testsIn('auth/src/guesses.test.ts');
const guessing = testsIn('auth/src/guessing.test.ts');
const guest = testsIn('auth/src/people/guest.test.ts');
const pages = testsIn('e2e/pages.test.ts');
const signIn = testsIn('auth/src/sign-in.test.ts');
const signUp = testsIn('auth/src/sign-up.test.ts');
const length = contract('may or may not be of %s');
const accounts = testsIn('auth/src/people/accounts.test.ts');
const links = testsIn('auth/src/links/links.test.ts');
const passkeys = testsIn('auth/src/passkeys/passkeys.test.ts');
const hashed = links('mails a token of which only the hash is stored, in the language of the account');
const purpose = links('is for its own purpose: only a reset sets a password, and only with one');

export const authentication: Chapter = {
  title: 'Authentication',
  requirements: {
    'V6.1.1': {
      about: 'Documented: how guessing is slowed down, and nobody locked out',
      tests: [
        testsIn('docs/generate/security-rules.test.ts')('name every setting of a service that limits something'),
        guessing('never slows down a browser that has signed in before'),
      ],
    },
    'V6.1.2': {
      about: 'Documented: words of the context that passwords must not be',
      open: 'there is no such list',
    },
    'V6.1.3': {
      about: 'Documented: all ways to sign in',
      tests: [testsIn('docs/generate/docs.test.ts')('is up to date in %s (npm run docs writes it anew)')],
    },
    'V6.2.1': { about: 'Passwords have 8 characters at least', tests: [length] },
    'V6.2.2': {
      about: 'People can change their password',
      tests: [
        accounts('is changed with the present one, which ends all other sessions and is told to the owner'),
        testsIn('e2e/browser-people-account.test.ts')(
          'somebody ends the session of another device, which is out within a second, and changes the password',
        ),
      ],
    },
    'V6.2.3': {
      about: 'Which takes the current one',
      tests: [
        accounts('is changed with the present one, which ends all other sessions and is told to the owner'),
        accounts('cannot be guessed by somebody who has found a signed-in browser'),
      ],
    },
    'V6.2.4': {
      about: 'The most common passwords are refused',
      tests: [accounts('like %j is refused wherever one is set, because it is guessed first')],
    },
    'V6.2.5': { about: 'No rules about the kinds of characters', tests: [length] },
    'V6.2.6': {
      about: 'Typed passwords are hidden',
      tests: [pages('asks for a password in a field that hides it and that password managers know')],
    },
    'V6.2.7': {
      about: 'Passwords can be pasted and filled in',
      tests: [
        pages('asks for a password in a field that hides it and that password managers know'),
        testsIn('forbidden.test.ts')('keeps nobody from pasting'),
      ],
    },
    'V6.2.8': {
      about: 'The password is taken as typed',
      tests: [
        contract('keeps the blanks around it'),
        signIn('accepts a long password in another Unicode normalization form'),
      ],
    },
    'V6.2.9': { about: 'Passwords may have 64 characters', tests: [length] },
    'V6.2.10': {
      about: 'No password has to be changed from time to time',
      tests: [signIn('accepts a password that is older than the current rules')],
    },
    'V6.2.11': {
      about: 'Words of the context are refused',
      open: 'the e-mail address is, and there is no list of other words',
    },
    'V6.2.12': {
      about: 'Breached passwords are refused',
      open: 'the most common ones are, which come from breaches; all others are not known here',
    },
    'V6.3.1': {
      about: 'Guessing is slowed down as documented',
      tests: [
        guessing('makes the network it comes from wait, with the reason and the time in the answer'),
        guessing('from many networks makes each wait from its first wrong password on, but does not affect others'),
        guesses('are limited over all accounts until the window ends'),
        guesses('count as wrong ones, so that many at once do not get past the limit'),
        testsIn('e2e/attack/attacks/guesses.ts')(
          'only a few guesses of passwords are checked, wherever they come from, and no owner is locked out',
        ),
      ],
    },
    'V6.3.2': { about: 'No accounts from the start', tests: [signUp('begins with no account at all')] },
    'V6.3.3': { about: 'A second factor', open: 'a password alone is enough' },
    'V6.3.4': {
      about: 'All ways to sign in are equally strong',
      tests: [
        guessing('makes the network it comes from wait, with the reason and the time in the answer'),
        signIn('is an error on our side if the stored password is %s, and not a wrong password'),
        guest('cannot sign in with a password'),
        guest('may have the address of a person, and does not become that person'),
        passkeys('does not sign in with what it signed for %s'),
        passkeys('is not added without the password of the account'),
      ],
    },
    'V6.4.1': {
      about: 'Codes made by the system are random, and end',
      tests: [
        hashed,
        links('is too old after ten minutes, and no other token is one'),
        links('is used by one of ten who use it at once'),
        passkeys('signs each challenge once, in time, and only one of ours'),
      ],
    },
    ...none('there are none', { 'V6.4.2': 'No hints and no secret questions' }),
    'V6.4.3': {
      about: 'A forgotten password is replaced safely',
      tests: [
        links('resets a password, ends every other session and tells the owner'),
        purpose,
        links('is answered the same whether there is anybody to mail it to, after the same writes'),
        testsIn('e2e/browser-people.test.ts')(
          'a forgotten password is mended through the mailbox, and the old one and other browsers are out',
        ),
        testsIn('e2e/attack/attacks/endings.ts')(
          'what ends a session ends it everywhere within a second, and a link works once',
        ),
      ],
    },
    ...none('there is no second factor to lose', { 'V6.4.4': 'A lost factor is replaced safely' }),
    'V6.5.1': {
      about: 'Codes work once',
      tests: [links('signs in and proves the address, once'), links('is used by one of ten who use it at once')],
    },
    'V6.5.2': {
      about: 'Codes are stored as hashes',
      tests: [hashed, guest('is told to mail with a key of which only the hash is stored')],
    },
    'V6.5.3': {
      about: 'Codes are random',
      tests: [
        testsIn('forbidden.test.ts')('takes chance from Math.random only where nobody gains by guessing it'),
        guest('is told to mail with a key of which only the hash is stored'),
      ],
    },
    'V6.5.4': {
      about: 'Codes are long enough',
      tests: [guest('is told to mail with a key of which only the hash is stored')],
    },
    'V6.5.5': {
      about: 'Codes end after 10 minutes',
      tests: [links('is too old after ten minutes, and no other token is one')],
    },
    ...none('there are no text messages', { 'V6.6.1': 'Phones only as an alternative' }),
    'V6.6.2': {
      about: 'A code belongs to its request',
      tests: [purpose, links('signs in and proves the address, once')],
    },
    'V6.6.3': {
      about: 'Codes cannot be guessed',
      tests: [
        hashed,
        links('is too old after ten minutes, and no other token is one'),
        links('is refused to another site, and to a network that asks for too many'),
      ],
    },
    ...none('nobody signs in elsewhere', {
      'V6.8.1': 'Providers of identities cannot be confused',
      'V6.8.2': 'Their signatures are checked',
      'V6.8.3': 'SAML assertions work once',
      'V6.8.4': 'The strength of a sign-in is checked',
    }),
  },
};
