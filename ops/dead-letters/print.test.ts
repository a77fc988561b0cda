import { DeadLetter } from '@box-office/common/messaging/dead-letters';
import { row, whole } from './print.ts';

/** What turns text around, colours it, and deletes what stands before it. */
const [rude, shown] = ['a\u202eb\u001b[31mc\u009b1K', 'a\\u202eb\\u001b[31mc\\u009b1K'];
const now = Date.parse('2026-01-01T12:00:00.000Z');
const letter = DeadLetter.parse({
  ...{ service: 'orders', stream: 'tickets', sequence: 7, subject: rude, deliveries: 6, stack: rude },
  ...{ reason: `${rude}\nthe rest`, time: '2026-01-01T11:59:00.000Z' },
  headers: { [rude]: [rude], 'ce-type': [rude] },
  payload: Buffer.from(`"${rude}`).toString('base64'),
});
const interpreted = /[\p{Cc}\u202e]/u;

describe('what a sender chose', () => {
  it('changes nothing else on the screen in the list', () => {
    const text = row({ number: 1, letter }, now);
    expect(text.replaceAll('\n', '')).not.toMatch(interpreted);
    expect(text.split('\n')[1]?.trim()).toBe(shown);
  });

  it('is escaped and complete where a dead letter is shown whole', () => {
    const text = whole({ number: 1, letter }, now);
    expect(text.replaceAll('\n', '')).not.toMatch(interpreted);
    expect(text).toContain(`reason\n  ${shown}\n  the rest\n`);
    expect(text).toContain(`  ${shown}: ${shown}\n`);
    expect(text).toContain(`payload\n  "${shown}\n`);
    expect(text).toContain(`stack\n  ${shown}`);
  });
});
