import type { Evidence } from '../evidence.ts';
import { type Verdict, verdict } from './verdict.ts';

/**
 * A service that has not heard of something new yet waits for the news. How long the news takes while processes are killed nobody has promised,
 * so this looks only at runs in which none was.
 */
export function usableAtOnce({ commands, calm }: Evidence): Verdict {
  return verdict('I11', 'what was answered 201 could be used at once, where no process was disturbed', (violated) => {
    const fresh = calm ? commands.filter((command) => command.fresh) : [];
    for (const { method, path, body, answer } of fresh) {
      if (answer?.status === 404) violated(`${method} ${path} ${JSON.stringify(body)} was answered 404`);
    }
    return fresh.length;
  });
}
