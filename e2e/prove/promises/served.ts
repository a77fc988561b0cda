import type { Evidence } from '../evidence.ts';
import { type Verdict, verdict } from './verdict.ts';

/** A read is answered within seconds although some documents cannot be parsed. */
export function served({ commands }: Evidence): Verdict {
  return verdict('I10', 'lists were served in spite of unreadable documents', (violated) => {
    const reads = commands.filter(({ method, wrong }) => method === 'GET' && wrong === undefined);
    for (const { path, answer, tries } of reads) {
      if (answer?.status === 200) continue;
      violated(
        `GET ${path} was requested ${tries.length} times and answered ${answer?.status ?? tries.at(-1)?.status}`,
      );
    }
    return reads.length;
  });
}
