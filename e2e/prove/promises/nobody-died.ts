import type { Evidence } from '../evidence.ts';
import { type Verdict, verdict } from './verdict.ts';

export function nobodyDied({ died }: Evidence): Verdict {
  return verdict('I7', 'no process ended by itself', (violated) => {
    for (const what of died) violated(what);
    return 1;
  });
}
