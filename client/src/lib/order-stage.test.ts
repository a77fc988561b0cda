import { type SeenOrder, type Stage, stageOf } from './order-stage.ts';

const unpaid: SeenOrder = {
  status: 'created',
  lastLook: 'before-end',
  isOver: false,
  mayBePaid: false,
  isRefused: false,
};
const over: SeenOrder = { ...unpaid, lastLook: 'after-end', isOver: true };

describe('what a page can say of an order', () => {
  it.each<[string, Partial<SeenOrder>]>([
    ['nothing was paid', {}],
    ['a card was sent', { mayBePaid: true }],
    ['nobody answers', { lastLook: 'failed' }],
  ])('is what it has seen, as long as there is time to pay: %s', (_, more) => {
    expect(stageOf({ ...unpaid, ...more })).toBe('as-seen');
  });

  it('is that the time is over, if the order was still unpaid then and no card was sent', () => {
    expect(stageOf(over)).toBe('over');
  });

  it.each<[string, Partial<SeenOrder>]>([
    ['a card was sent', { mayBePaid: true }],
    ['a card was sent and nobody answers', { mayBePaid: true, lastLook: 'failed' }],
    ['nobody answers', { lastLook: 'failed' }],
    ['nobody has looked since', { lastLook: 'before-end' }],
  ])('is that the payment is being checked, if the time is over and %s', (_, more) => {
    expect(stageOf({ ...over, ...more })).toBe('checking');
  });

  it.each<[string, Partial<SeenOrder>]>([
    ['there is time to pay', {}],
    ['the time is over', { isOver: true }],
    ['a card was sent', { isOver: true, mayBePaid: true }],
    ['the money is authorized', { status: 'awaiting:payment' }],
  ])('is that it belongs to somebody else than who is signed in, whether or not %s', (_, more) => {
    expect(stageOf({ ...unpaid, lastLook: 'not-there', ...more })).toBe('not-theirs');
  });

  it.each<[string, Partial<SeenOrder>]>([
    ['in time', {}],
    ['afterwards', { isOver: true, lastLook: 'after-end' }],
    ['whoever is signed in', { lastLook: 'not-there' }],
  ])('is that it cannot be paid, if that was refused: %s', (_, more) => {
    expect(stageOf({ ...unpaid, isRefused: true, ...more })).toBe('refused');
  });

  it.each<[SeenOrder['status'], Stage]>([
    ['awaiting:payment', 'as-seen'],
    ['complete', 'as-seen'],
    ['cancelled', 'as-seen'],
  ])('is what it has seen once it is %s, even if the time is over', (status, stage) => {
    for (const lastLook of ['before-end', 'after-end', 'failed'] as const)
      expect(stageOf({ status, lastLook, isOver: true, mayBePaid: true, isRefused: true })).toBe(stage);
  });

  it.each(['complete', 'cancelled'] as const)('is that it is %s, which is final, whoever is signed in', (status) => {
    expect(stageOf({ ...over, status, lastLook: 'not-there' })).toBe('as-seen');
  });
});
