import type { Evidence } from '../evidence.ts';
import { nobodyThere, overlap } from './stretches.ts';
import { type Verdict, verdict } from './verdict.ts';

/** How long a read may stay without an answer for want of a server while everything runs, in ms, over all its tries. */
const servedWithinMs = 15_000;

/**
 * A read is answered although some documents cannot be parsed. While every replica of a service is down, or an engine
 * is, nobody can answer.
 */
export function served({ commands, commandsFromMs, away, replicas }: Evidence): Verdict {
  return verdict('I10', 'lists were served in spite of unreadable documents', (violated) => {
    const reads = commands.filter(({ method, wrong }) => method === 'GET' && wrong === undefined);
    const down = nobodyThere(away, replicas);
    for (const { path, answer, tries } of reads) {
      if (answer?.status === 200) continue;
      const [first, last] = [tries[0], tries.at(-1)];
      // A process that a fault holds takes the request and does not answer.
      const unanswered = tries.every(({ status = 'none' }) => [502, 503, 'none'].includes(status));
      if (first && last && unanswered) {
        const [fromMs, toMs] = [commandsFromMs + first.atMs, commandsFromMs + last.atMs + last.tookMs];
        if (toMs - fromMs - overlap(down, fromMs, toMs) < servedWithinMs) continue;
      }
      violated(
        `GET ${path} was requested ${tries.length} times and answered ${answer?.status ?? tries.at(-1)?.status}`,
      );
    }
    return reads.length;
  });
}
