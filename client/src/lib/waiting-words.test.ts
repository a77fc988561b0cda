import type { WaitingAnswer } from '@box-office/common/contracts/waiting';
import type { KindAnswer } from './show-words.ts';
import { howWaitingWorks, mostToWaitFor, waitingInWords } from './waiting-words.ts';

const id = 'a'.repeat(24);
const entry: WaitingAnswer = {
  ...{ id, version: 0, showId: id, kindId: id, kind: 'Stalls', title: 'Hamlet', quantity: 2, userId: 'buyer' },
  state: 'waiting',
  position: 3,
};

describe('a place in a line', () => {
  it.each([
    ['You are number 3 in line for 2 tickets.', {}],
    ['You are next in line for 2 tickets.', { position: 1 }],
    ['You are number 1000 or later in line for 1 ticket.', { position: 1000, quantity: 1 }],
    [
      '2 tickets came free, and an order was made for you. It says until when they are held for you to pay.',
      { state: 'served', orderId: id },
    ],
    [
      '1 ticket came free, and an order was made for you. It says until when it is held for you to pay.',
      { state: 'served', orderId: id, quantity: 1 },
    ],
    ['You have left the line.', { state: 'left' }],
    ['The show is cancelled.', { state: 'over', reason: 'show-cancelled' }],
    ['The sale is over, and nothing came free for you.', { state: 'over', reason: 'sale-over' }],
    ['You have as many tickets for this show as one person may have.', { state: 'over', reason: 'limit-reached' }],
    ['Nothing came free for you.', { state: 'over' }],
  ] as const)('is told as "%s"', (words, more) => {
    expect(waitingInWords({ ...entry, ...more })).toBe(words);
  });
});

it('who waits is told that a mail comes, so that they need not look', () => {
  expect(howWaitingWorks).toMatch(/we reserve them for you.* We write to you then\.$/);
});

it('nobody waits for more tickets than an order, a person or the kind may have', () => {
  const kind: KindAnswer = { id, name: 'Stalls', price: 1250, quantity: 30, made: 30, left: 0 };
  const sale = { state: 'on-sale' as const, timeZone: 'UTC' };
  expect(mostToWaitFor({ ...kind, quantity: 900 }, sale)).toBe(50);
  expect(mostToWaitFor(kind, sale)).toBe(30);
  expect(mostToWaitFor({ ...kind, maxPerOrder: 6 }, sale)).toBe(6);
  expect(mostToWaitFor({ ...kind, maxPerOrder: 6 }, { ...sale, perPerson: 4 })).toBe(4);
});
