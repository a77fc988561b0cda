import type { Evidence } from '../evidence.ts';
import { type Verdict, verdict } from './verdict.ts';

/** Somebody who reads is answered within seconds, though documents that nobody can parse lie among the others. */
export function served({ commands }: Evidence): Verdict {
  return verdict('I10', 'what can be read was served, whatever lay beside it', (violated) => {
    const reads = commands.filter(({ method, wrong }) => method === 'GET' && wrong === undefined);
    for (const { path, answer, tries } of reads) {
      if (answer?.status === 200) continue;
      violated(`GET ${path} was asked ${tries.length} times and answered ${answer?.status ?? tries.at(-1)?.status}`);
    }
    return reads.length;
  });
}
