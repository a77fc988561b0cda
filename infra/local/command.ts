import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** An option of a command. Without `value` it is a switch. */
export interface Option {
  /** What it does, in a sentence that fits beside it. */
  readonly does: string;
  /** What stands after it, for people: `SECONDS`. */
  readonly value?: string;
  /** What counts where it is not given. */
  readonly default?: string;
}

type Options = Readonly<Record<string, Option>>;

/** A program that people run, and all that `--help` says about it. */
export interface Command<Wanted extends Options> {
  /** As people type it: `npm run audit`. */
  readonly name: string;
  readonly does: string;
  readonly options: Wanted;
  /** What may stand beside options, each with what it does: `show N`. Without this nothing may. */
  readonly words?: Readonly<Record<string, string>>;
  /** What else is worth knowing: where it looks, how it ends. */
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

/** What somebody typed cannot be run; the message says why and what can. */
export class CannotRun extends Error {}

/** With what a command ends that could not be run as it was typed; 1 is for what ran and found a fault. */
export const cannotRun = 2;

/** The arguments of this process, with ways to refuse them: those print what is wrong and end the process. */
export interface CommandLine<Wanted extends Options> extends Given<Wanted> {
  readonly refuse: (what: string) => never;
  /** The number above 0 that an option was given. */
  readonly positive: (name: keyof Wanted & string, given: string) => number;
}

/**
 * Reads what stands behind the command. `--help` prints all there is to know and ends with 0; what it does not know is told, with what there is, and ends with 2.
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

/** @throws CannotRun when something is not known or lacks its value */
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
    // The types follow from the same options that were handed to parseArgs.
    return values.help ? 'help' : { values: values as Values<Wanted>, words: positionals };
  } catch (error) {
    throw wrong(command, Error.isError(error) ? inOwnWords(error) : String(error));
  }
}

/** What is wrong with the arguments, what there is, and where more is said. */
function wrong(command: Command<Options>, what: string): CannotRun {
  const names = Object.keys(command.options).map((name) => `--${name}`);
  const there = names.length > 0 ? `Options: ${names.join(', ')}. ` : '';
  return new CannotRun(`${what}\n${there}More: ${withArguments(command)}--help`);
}

/** A number above 0 that was given as text. @throws CannotRun */
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

/** npm keeps for itself what does not stand behind two dashes. */
const withArguments = ({ name }: Command<Options>) => (name.startsWith('npm ') ? `${name} -- ` : `${name} `);

/** Node's first sentence: the ones after it are for programmers. */
function inOwnWords(error: Error): string {
  const [sentence = ''] = error.message.split(/\. |\n/, 1);
  return sentence.endsWith('.') ? sentence : `${sentence}.`;
}
