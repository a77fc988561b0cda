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
}

export interface OrganisingOptions {
  readonly asking: Asking;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly buyers: readonly Person[];
}

/** How often a buyer tries until orders has heard of a pause. */
const triesAtMost = 10;
const triesEveryMs = 200;

/** What organisers do with a show while it is being sold. */
export function organising({ asking: { command }, pick, buyers }: OrganisingOptions): Organising {
  const order = ({ id, kindId }: OrganisedShow, more = {}) =>
    command(pick(buyers), 'POST', '/api/orders', { showId: id, lines: [{ kindId, quantity: 1 }] }, more);

  /** Whether orders says that it has heard of the pause. From then on all of its processes know. */
  async function isHeard(show: OrganisedShow): Promise<boolean> {
    for (let tries = 0; tries < triesAtMost; tries++) {
      if (codeOf(await order(show)) === 'not-on-sale') return true;
      await sleep(triesEveryMs);
    }
    return false;
  }

  return {
    async pause(show) {
      const step = (name: string) => command(show.organiser, 'POST', `/api/shows/${show.id}/${name}`);
      const { answer } = await step('pause');
      if (answer?.status === 200 && (await isHeard(show))) {
        const wrong = { why: 'for a show that is paused', refusals: [409] };
        await Promise.all([order(show, { wrong }), order(show, { wrong })]);
      }
      await step('resume');
    },
  };
}

const codeOf = ({ answer }: Command): unknown => (answer?.body as { code?: unknown } | undefined)?.code;
