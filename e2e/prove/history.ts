/** One request of a command, and what came of it. */
export interface Try {
  /** ms since the start of the run. */
  readonly atMs: number;
  readonly tookMs: number;
  /** Missing when no answer came: then it may have happened, or not. */
  readonly status?: number;
}

/** Why a command must be refused, and how. */
export interface Wrong {
  readonly why: string;
  /** The statuses that refuse it for that reason. A refusal for another reason has shown nothing. */
  readonly refusals: readonly number[];
  /** The route and the role, where it is tried because the role may not use the route: `PUT /api/tickets/:id` as `stranger`. */
  readonly cell?: string;
}

/** Something that somebody wanted, as often as it took to get a definite answer. */
export interface Command {
  readonly number: number;
  readonly userId: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly key?: string;
  readonly tries: readonly Try[];
  /** It is about what was answered 201 a moment before. */
  readonly fresh?: true;
  /** What a change must leave as it was, because it does not name it. */
  readonly leaves?: Readonly<Record<string, unknown>>;
  /** Given for what must not be done and is tried all the same. */
  readonly wrong?: Wrong;
  /** The definite answer; missing when none came before patience ran out. */
  readonly answer?: { readonly status: number; readonly body: unknown };
}

export interface Recorder {
  readonly commands: readonly Command[];
  readonly now: () => number;
  record(command: Omit<Command, 'number'>): Command;
}

export function recorder(): Recorder {
  const startedAt = Date.now();
  const commands: Command[] = [];
  return {
    commands,
    now: () => Date.now() - startedAt,
    record(command) {
      const numbered = { ...command, number: commands.length };
      commands.push(numbered);
      return numbered;
    },
  };
}
