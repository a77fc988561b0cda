import { setTimeout as sleep } from 'node:timers/promises';
import type { Person, Shop } from '../../support/shop.ts';
import { bankAt } from './bank.ts';
import { newsAt } from './news.ts';
import { cancelling } from './scenes/cancelling.ts';
import { changingMinds } from './scenes/changing-minds.ts';
import { disputing } from './scenes/disputing.ts';
import { grabbing } from './scenes/grabbing.ts';
import { lateNews } from './scenes/late-news.ts';
import { line } from './scenes/line.ts';
import { pausing } from './scenes/pausing.ts';
import { refunding } from './scenes/refunding.ts';
import { reselling } from './scenes/reselling.ts';
import { type Scene, type StageOptions, stageOf } from './scenes/stage.ts';
import { takingBack } from './scenes/taking-back.ts';

export interface ScenesOptions extends Pick<StageOptions, 'asking' | 'look' | 'pay'> {
  readonly platform: Pick<Shop['platform'], 'stripe' | 'operator'>;
  readonly seed: number;
  readonly random: () => number;
  readonly organisers: readonly Person[];
  readonly buyers: readonly Person[];
  /** Whether no process is disturbed. */
  readonly calm: boolean;
  readonly signal: AbortSignal;
  /** Starts what nobody waits for, and what keeps nobody from coming. */
  readonly linger: (what: () => Promise<void>) => void;
  /** Which scenes; one that is named twice is played twice at the same time. */
  readonly names: readonly SceneName[];
  /** After how long they are played again, in ms. */
  readonly againAfterMs?: number;
}

export interface ScenesDone {
  scenes: number;
}

export interface Scenes {
  readonly done: Readonly<ScenesDone>;
  /**
   * Plays them all at once, and each again after a while, until it is over. One that has not ended is not begun again:
   * on a slow machine more and more of them would keep the platform from answering anybody.
   */
  play(): Promise<void>;
}

export const sceneNames = [
  'line',
  'refunding',
  'cancelling',
  'reselling',
  'taking-back',
  'pausing',
  'disputing',
  'grabbing',
  'late-news',
  'changing-minds',
] as const;
export type SceneName = (typeof sceneNames)[number];

/** Situations that a crowd at random meets too rarely, or not for long enough to be certain of what happened. */
export function scenes(options: ScenesOptions): Scenes {
  const { asking, look, pay, platform, seed, random, organisers, buyers, calm, signal, linger, names } = options;
  // Longer than each of them takes, where the machine is fast enough.
  const { againAfterMs = 20_000 } = options;
  const done: ScenesDone = { scenes: 0 };
  const news = newsAt(platform.operator);
  const all: Readonly<Record<SceneName, Scene>> = {
    ...{ line, refunding, cancelling, reselling, grabbing },
    ...{ 'taking-back': takingBack, pausing: pausing(calm), disputing: disputing(bankAt(platform.stripe)) },
    ...{ 'late-news': lateNews(news), 'changing-minds': changingMinds(news) },
  };
  /** The places in `names` of those that are being played. */
  const onStage = new Set<number>();
  let shows = 0;
  const title = () => `Scene ${++shows} of run ${seed}`;

  return {
    done,

    async play() {
      while (!signal.aborted) {
        for (const [place, name] of names.entries()) {
          if (onStage.has(place)) continue;
          const cast = buyers.toSorted(() => random() - 0.5);
          const organiser = organisers[done.scenes++ % organisers.length];
          if (!organiser) continue;
          onStage.add(place);
          linger(() =>
            all[name](stageOf({ asking, look, pay, cast, organiser, title })).finally(() => onStage.delete(place)),
          );
        }
        await sleep(againAfterMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    },
  };
}
