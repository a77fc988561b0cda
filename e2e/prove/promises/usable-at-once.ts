import type { Evidence } from '../evidence.ts';
import { type Verdict, verdict } from './verdict.ts';

/**
 * A service that has not received an event yet waits for it. How long events take while processes are killed is not
 * promised, so only undisturbed runs are judged.
 */
export function usableAtOnce({ commands, calm }: Evidence): Verdict {
  return verdict('I11', 'what was answered 201 was usable immediately, where no process was disturbed', (violated) => {
    const fresh = calm ? commands.filter((command) => command.fresh) : [];
    for (const { method, path, body, answer } of fresh) {
      if (answer?.status === 404) violated(`${method} ${path} ${JSON.stringify(body)} was answered 404`);
    }
    return fresh.length;
  });
}
