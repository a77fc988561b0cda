import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** An option of a command. Without `value` it is a switch. */
export interface Option {
  /** What it does, in a sentence that fits beside it. */
  readonly does: string;
  /** The name of its value in the help, such as `SECONDS`. */
  readonly value?: string;
  /** Shown in the help as its default. */
  readonly default?: string;
}

type Options = Readonly<Record<string, Option>>;

/** A command, and everything that `--help` prints about it. */
export interface Command<Wanted extends Options> {
  /** As typed: `npm run audit`. */
  readonly name: string;
  readonly does: string;
  readonly options: Wanted;
  /** Positional arguments, each with a description: `show N`. None are allowed by default. */
  readonly words?: Readonly<Record<string, string>>;
  /** Further notes: where it looks, its exit codes. */
  readonly notes?: readonly string[];
}

export type Values<Wanted extends Options> = {
  readonly [Name in keyof Wanted]: Wanted[Name] extends { value: string }
    ? Wanted[Name] extends { default: string }
      ? string
      : string | undefined
    : boolean;
};

export interface Given<Wanted extends Options> {
  readonly values: Values<Wanted>;
  readonly words: readonly string[];
}

/** The command line cannot be run; the message says why and what is possible. */
export class CannotRun extends Error {}

/** The exit code for a command line that cannot be run; 1 is for a command that ran and found a fault. */
export const cannotRun = 2;

/** The arguments of this process, and functions that refuse them: they print what is wrong and end the process. */
export interface CommandLine<Wanted extends Options> extends Given<Wanted> {
  readonly refuse: (what: string) => never;
  /** The value of an option that takes a positive number. */
  readonly positive: (name: keyof Wanted & string, given: string) => number;
}

/**
 * Parses the arguments of a command. `--help` prints the help and exits with 0; an unknown argument is reported along
 * with the known ones, and exits with 2.
 */
export function commandLine<const Wanted extends Options>(command: Command<Wanted>): CommandLine<Wanted> {
  const orEnd = <Result>(read: () => Result): Result => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof CannotRun)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exit(cannotRun);
    }
  };
  const given = orEnd(() => readArguments(command, process.argv.slice(2)));
  if (given === 'help') {
    process.stdout.write(`${help(command)}\n`);
    process.exit(0);
  }
  return {
    ...given,
    refuse: (what) =>
      orEnd(() => {
        throw wrong(command, what);
      }),
    positive: (name, text) => orEnd(() => positive(command, name, text)),
  };
}

/** @throws CannotRun when an argument is unknown or lacks its value */
export function readArguments<const Wanted extends Options>(
  command: Command<Wanted>,
  args: readonly string[],
): Given<Wanted> | 'help' {
  const config: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { value, default: usual }] of Object.entries(command.options)) {
    if (value === undefined) config[name] = { type: 'boolean', default: false };
    else config[name] = { type: 'string', ...(usual === undefined ? {} : { default: usual }) };
  }
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: config,
      allowPositionals: command.words !== undefined,
    });
    // The types follow from the options passed to parseArgs.
    return values.help ? 'help' : { values: values as Values<Wanted>, words: positionals };
  } catch (error) {
    throw wrong(command, Error.isError(error) ? inOwnWords(error) : String(error));
  }
}

/** What is wrong with the arguments, which exist, and where the help is. */
function wrong(command: Command<Options>, what: string): CannotRun {
  const names = Object.keys(command.options).map((name) => `--${name}`);
  const there = names.length > 0 ? `Options: ${names.join(', ')}. ` : '';
  return new CannotRun(`${what}\n${there}More: ${withArguments(command)}--help`);
}

/** Parses a positive number. @throws CannotRun */
export function positive(command: Command<Options>, name: string, given: string): number {
  const number = Number(given);
  if (Number.isFinite(number) && number > 0) return number;
  throw wrong(command, `--${name} takes a number above 0, not "${given}".`);
}

export function help(command: Command<Options>): string {
  const optionLines = Object.entries(command.options).map(([name, { value, does, default: usual }]) => [
    `--${name}${value ? ` ${value}` : ''}`,
    usual === undefined ? does : `${does} (${usual})`,
  ]);
  const wordLines = Object.entries(command.words ?? {});
  const width = Math.max(...[...wordLines, ...optionLines].map(([left = '']) => left.length), 6) + 3;
  const table = (lines: readonly (readonly string[])[]) =>
    lines.map(([left = '', right = '']) => `  ${left.padEnd(width)}${right}`);
  return [
    `${command.name}: ${command.does}`,
    ...(wordLines.length > 0 ? ['', `${withArguments(command)}…`, ...table(wordLines)] : []),
    '',
    'Options',
    ...table([...optionLines, ['--help', 'says this']]),
    ...(command.notes ? ['', ...command.notes] : []),
  ].join('\n');
}

/** npm keeps options for itself unless they follow two dashes. */
const withArguments = ({ name }: Command<Options>) => (name.startsWith('npm ') ? `${name} -- ` : `${name} `);

/** Node's first sentence: the others are for programmers. */
function inOwnWords(error: Error): string {
  const [sentence = ''] = error.message.split(/\. |\n/, 1);
  return sentence.endsWith('.') ? sentence : `${sentence}.`;
}
