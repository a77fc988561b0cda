import { refusedInWords } from './mail-words.ts';

describe('a mail that did not arrive', () => {
  it.each([
    [
      { kind: 'paid', code: 550, reason: 'No such mailbox' },
      'The mail that the tickets are paid. The mail server refused it (550): “No such mailbox”.',
    ],
    [
      { kind: 'moved', reason: '' },
      'The mail that the show has another time or place. No mail server took it within three days.',
    ],
    [
      { kind: 'waited-in-vain', code: 550, reason: '' },
      'The mail that there are no tickets for somebody on the waiting list. The mail server refused it (550).',
    ],
  ] as const)('%j is told in words', (mail, words) => {
    expect(refusedInWords(mail)).toBe(words);
  });
});
