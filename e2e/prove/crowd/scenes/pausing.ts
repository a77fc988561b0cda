import { organising } from '../organising.ts';
import type { Scene } from './stage.ts';

/** A show with tickets for everybody is paused, so that this is the only reason to refuse an order. */
export const pausing =
  (calm: boolean): Scene =>
  async ({ asking, cast, organiser, announce }) => {
    const show = await announce([{ name: 'Standing', price: 0, quantity: 100 }]);
    const kindId = show?.kinds[0]?.id;
    if (!show || kindId === undefined) return;
    let next = 0;
    const pick = <T>(from: readonly T[]): T => from[next++ % from.length] as T;
    await organising({ asking, pick, buyers: cast, calm }).pause({ id: show.id, organiser, kindId });
  };
