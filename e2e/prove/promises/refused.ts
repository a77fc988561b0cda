import type { Evidence } from '../evidence.ts';
import { type Verdict, verdict } from './verdict.ts';

export function refused({ commands, cells }: Evidence): Verdict {
  return verdict('I8', 'every forbidden request was refused, for the right reason, on every route', (violated) => {
    const wrong = commands.flatMap((command) => (command.wrong ? [{ ...command, wrong: command.wrong }] : []));
    for (const { wrong: it, method, path, answer } of wrong) {
      if (!answer || it.refusals.includes(answer.status)) continue;
      violated(`${method} ${path}, ${it.why}, was answered ${answer.status} and not ${it.refusals.join(' or ')}`);
    }
    const tried = new Set(wrong.map((it) => it.wrong.cell));
    for (const cell of cells) if (!tried.has(cell)) violated(`nobody tried ${cell}`);
    return wrong.length;
  });
}
