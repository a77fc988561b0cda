import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@box-office/common/testing/eventually';
import { refresher } from './refresher.ts';

describe('what follows the live updates', () => {
  it('asks once more, not ten times, for what has changed while it asked', async () => {
    const answers: (() => void)[] = [];
    const { ask, end } = refresher(() => new Promise<void>((resolve) => answers.push(resolve)), 1);
    for (let times = 0; times < 10; times++) ask();
    expect(answers).toHaveLength(1);
    answers[0]?.();
    await eventually(async () => expect(answers).toHaveLength(2));
    answers[1]?.();
    await pause(20);
    expect(answers).toHaveLength(2);
    end();
  });

  it('goes on after a failure, and stops when it is ended', async () => {
    let asked = 0;
    const { ask, end } = refresher(() => {
      asked += 1;
      return Promise.reject(new Error('no answer'));
    }, 1);
    ask();
    ask();
    await eventually(async () => expect(asked).toBe(2));
    end();
    ask();
    expect(asked).toBe(2);
  });
});
