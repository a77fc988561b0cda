import type { Evidence } from '../evidence.ts';
import { type Verdict, verdict } from './verdict.ts';

export function neverBack({ regressions, looks }: Evidence): Verdict {
  return verdict('I4', 'nothing ever went back to an earlier version, and each version has one content', (violated) => {
    for (const what of regressions) violated(what);
    return looks;
  });
}
