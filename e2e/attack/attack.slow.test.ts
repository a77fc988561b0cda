import { attacks } from './attacks.ts';
import { runAttacks } from './run.ts';

describe('a platform that is attacked', () => {
  it('gives way to none of the attacks, in their short form', async () => {
    const findings = await runAttacks({ attacks, effort: 'short', seed: 2026 });

    expect(findings.map(({ attack, faults }) => [attack, faults])).toEqual(attacks.map(({ name }) => [name, []]));
    for (const { attack, tried, skipped } of findings) if (!skipped) expect([attack, tried]).not.toEqual([attack, 0]);
  }, 1_800_000);
});
