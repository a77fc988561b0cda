/** One request of a command, and its result. */
export interface Try {
  /** ms since the start of the run. */
  readonly atMs: number;
  readonly tookMs: number;
  /** Missing when no answer came: then it may or may not have taken effect. */
  readonly status?: number;
}

export interface Wrong {
  readonly why: string;
  /** The statuses that refuse it for that reason. A refusal for another reason proves nothing. */
  readonly refusals: readonly number[];
  /** The route and the role, where the role may not use the route: `PUT /api/tickets/:id as stranger`. */
  readonly cell?: string;
}

/** A command, with all its tries until there was a definite answer. */
export interface Command {
  readonly number: number;
  readonly userId: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly key?: string;
  readonly tries: readonly Try[];
  /** It concerns something that was answered 201 a moment before. */
  readonly fresh?: true;
  /** A field that a change must not touch, because it does not name it. */
  readonly leaves?: Readonly<Record<string, unknown>>;
  /** Set for a command that must be refused. */
  readonly wrong?: Wrong;
  /** The definite answer; missing when none came in time. */
  readonly answer?: { readonly status: number; readonly body: unknown };
}

export interface Recorder {
  readonly commands: readonly Command[];
  /** In ms since 1970. */
  readonly startedAt: number;
  /** In ms since then. */
  readonly now: () => number;
  record(command: Omit<Command, 'number'>): Command;
}

export function recorder(): Recorder {
  const startedAt = Date.now();
  const commands: Command[] = [];
  return {
    commands,
    startedAt,
    now: () => Date.now() - startedAt,
    record(command) {
      const numbered = { ...command, number: commands.length };
      commands.push(numbered);
      return numbered;
    },
  };
}
