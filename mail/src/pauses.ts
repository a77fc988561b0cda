const hour = 60 * 60 * 1000;

/** A mail that could not be sent three days after what it tells is given up, as mail servers do. */
export const giveUpAfterMs = 72 * hour;
const longestPauseMs = hour;
/** A server that is away is not burdened by being asked, and somebody sits and waits for a link. */
const longestShortPauseMs = 60_000;

export interface Trouble {
  readonly firstPauseMs: number;
  /** No server answers, so that all mails wait for it. */
  readonly isServerAway: boolean;
  /** The mail is of use for some minutes only. */
  readonly isUrgent: boolean;
}

/** How long a mail waits before it is tried again: twice as long each time, up to an hour or a minute. */
export function pauseAfter(tries: number, { firstPauseMs, isServerAway, isUrgent }: Trouble): number {
  const longest = isServerAway || isUrgent ? longestShortPauseMs : longestPauseMs;
  return Math.min(firstPauseMs * 2 ** Math.min(tries - 1, 20), longest);
}
