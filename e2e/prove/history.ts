/** One request of a command, and what came of it. */
export interface Try {
  /** ms since the start of the run. */
  readonly atMs: number;
  readonly tookMs: number;
  /** Missing when no answer came: then it may have happened, or not. */
  readonly status?: number;
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
  /** Why it must not be done, for what is tried to see whether it is refused. */
  readonly wrong?: string;
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
