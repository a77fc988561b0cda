import type { LabLine } from '@box-office/console/api/lab';
import type { LabPlatform } from './platform.ts';
import { openScene } from './scene.ts';
import type { Situation } from './situation.ts';
import type { Undoing } from './undoing.ts';

export type Outcome = 'held' | 'violated' | 'not-made';

/** Makes a situation, and tells what happens line by line, the result last. */
export async function runSituation(
  situation: Situation,
  platform: LabPlatform,
  undoing: Undoing,
  tell: (line: LabLine) => void,
): Promise<Outcome> {
  const { make, ...shown } = situation;
  const startedAt = performance.now();
  let checks = 0;
  let violated = 0;
  let orderId: string | undefined;
  tell({ kind: 'situation', ...shown });
  const scene = openScene({
    platform,
    undoing,
    tell(line) {
      if (line.kind === 'check') {
        checks++;
        if (!line.ok) violated++;
      } else orderId = line.orderId ?? orderId;
      tell(line);
    },
  });
  const failed = await make(scene)
    .then(() => (checks === 0 ? 'Nothing was checked.' : undefined))
    .catch((error: unknown) => (Error.isError(error) ? error.message : String(error)));
  await scene.close();
  tell({
    kind: 'result',
    name: situation.name,
    ok: failed === undefined && violated === 0,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    ...(orderId ? { orderId } : {}),
    ...(orderId && platform.stays ? { story: new URL(`/orders/${orderId}`, platform.consoleUrl).href } : {}),
    ...(failed ? { failed } : {}),
  });
  // What could not go on because of what a check has found is made all the same.
  return violated > 0 ? 'violated' : failed ? 'not-made' : 'held';
}
