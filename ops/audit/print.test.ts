import { inWords } from './print.ts';
import type { View } from './view.ts';

const view: View = {
  ...{ name: 'orders of cancelled shows', holder: 'orders', owner: 'tickets', money: false },
  async *pairs() {},
  async repair() {},
};

it('a title cannot turn a line of the audit around, colour it or break it', () => {
  const [id, title] = ['a'.repeat(24), 'Opera\u202e\u001b[31m\nfin'];
  const says = [`The show “${title}” is cancelled.`];
  expect(inWords({ view, id, held: { title }, owned: { title: 'Opera' }, waits: false, says })).toBe(
    [
      `orders of cancelled shows, ${id}`,
      '  title: orders "Opera\\u202e\\u001b[31m\\nfin", tickets "Opera"',
      '  The show “Opera\\u202e\\u001b[31m\\u000afin” is cancelled.',
    ].join('\n'),
  );
});
