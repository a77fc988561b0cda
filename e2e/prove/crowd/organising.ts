import { setTimeout as sleep } from 'node:timers/promises';
import type { Person } from '../../support/shop.ts';
import type { Command } from '../history.ts';
import type { Asking } from './asking.ts';

interface OrganisedShow {
  readonly id: string;
  readonly organiser: Person;
  /** Of one of its kinds. */
  readonly kindId: string;
}

export interface Organising {
  /** Stops the sale, checks that nothing is sold once orders has heard of it, and goes on with the sale. */
  pause(show: OrganisedShow): Promise<void>;
  /** Asks for more or less than before for one of its kinds from now on. */
  reprice(show: OrganisedShow, price: number): Promise<void>;
  /** Cancels it for good, and checks that nothing is sold once orders has heard of it. */
  cancel(show: OrganisedShow): Promise<void>;
}

export interface OrganisingOptions {
  readonly asking: Asking;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly buyers: readonly Person[];
  /** Whether no process is disturbed. */
  readonly calm: boolean;
}

/** How often a buyer tries until orders has heard of it. */
const triesAtMost = 20;
const triesEveryMs = 200;

/** What organisers do with a show while it is being sold. */
export function organising({ asking: { command }, pick, buyers, calm }: OrganisingOptions): Organising {
  const order = ({ id, kindId }: OrganisedShow, more = {}) =>
    command(pick(buyers), 'POST', '/api/orders', { showId: id, lines: [{ kindId, quantity: 1 }] }, more);

  const take = ({ organiser, id }: OrganisedShow, step: string) =>
    command(organiser, 'POST', `/api/shows/${id}/${step}`);

  /** Whether orders says that it has heard of it. From then on all of its processes know. */
  async function isHeard(show: OrganisedShow): Promise<boolean> {
    for (let tries = 0; tries < triesAtMost; tries++) {
      if (codeOf(await order(show)) === 'not-on-sale') return true;
      await sleep(triesEveryMs);
    }
    return false;
  }

  async function stop(show: OrganisedShow, step: string, why: string): Promise<void> {
    const { answer } = await take(show, step);
    if (answer?.status !== 200) return;
    // While processes are disturbed, orders may hear of it at any time.
    if (!(await isHeard(show)) && !calm) return;
    const wrong = { why, refusals: [409] };
    await Promise.all([order(show, { wrong }), order(show, { wrong })]);
  }

  return {
    async pause(show) {
      await stop(show, 'pause', 'for a show that is paused');
      await take(show, 'resume');
    },
    async reprice({ organiser, id, kindId }, price) {
      await command(organiser, 'PUT', `/api/shows/${id}`, { kinds: [{ id: kindId, price }] });
    },
    cancel: (show) => stop(show, 'cancel', 'for a show that is cancelled'),
  };
}

const codeOf = ({ answer }: Command): unknown => (answer?.body as { code?: unknown } | undefined)?.code;
