/**
 * What `npm run lab` prints with `--json`, one object on each line.
 *
 * Without a name: a `Situation` for each. With one: its `Situation`, then steps and checks as they happen, and a
 * `LabResult` last, which is missing only when the program was ended before.
 */
export type LabLine = Situation | LabStep | LabCheck | LabResult;

/** Something that event-driven code gets wrong, to be made on purpose. */
export interface Situation {
  readonly kind: 'situation';
  /** As it is typed: `webhook-lost`. */
  readonly name: string;
  readonly title: string;
  /** What to learn from it. */
  readonly teaches: string;
  /** What should happen. */
  readonly should: string;
  /** What the usual code does, and what that means for people. */
  readonly courseStyle: string;
}

/** What the lab does. */
export interface LabStep {
  readonly kind: 'step';
  readonly at: string;
  readonly text: string;
  /** The order that it is about. */
  readonly orderId?: string;
}

/** What should be true, and what was seen. */
export interface LabCheck {
  readonly kind: 'check';
  readonly at: string;
  readonly text: string;
  readonly ok: boolean;
  readonly seen: string;
}

export interface LabResult {
  readonly kind: 'result';
  readonly name: string;
  /** Whether all checks held. */
  readonly ok: boolean;
  readonly seconds: number;
  /** The order to read the story of. */
  readonly orderId?: string;
  /** The whole address of its story, where a console goes on running. */
  readonly story?: string;
  /** Why it could not be made, or could not go on after a check that did not hold: a sentence. */
  readonly failed?: string;
}

/** `GET /api/lab`; 404 where there is no lab. */
export interface Lab {
  readonly situations: readonly Situation[];
  /** The newest run of each situation since the console was started. */
  readonly runs: readonly LabRun[];
}

/**
 * A run that was asked for by `POST /api/lab/:name`, which answers 204; 404 for an unknown name, and 409 while there is
 * another run.
 */
export interface LabRun {
  readonly name: string;
  readonly at: string;
  /** As they came. */
  readonly lines: readonly (LabStep | LabCheck)[];
  /** Missing while it runs. */
  readonly result?: LabResult;
}
