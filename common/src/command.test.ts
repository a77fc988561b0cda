import { help, positive, readArguments } from './command.ts';

const command = {
  name: 'npm run paint',
  does: 'paints the shop',
  words: { 'walls…': 'these walls' },
  options: {
    coats: { value: 'NUMBER', default: '2', does: 'so many coats' },
    colour: { value: 'NAME', does: 'in this colour' },
    dry: { does: 'waits until it is dry' },
  },
  notes: ['Exits with 1 when a wall is missed.'],
} as const;

describe('the arguments of a command', () => {
  it('are values by their names, and words', () => {
    expect(readArguments(command, ['--dry', '--colour=red', 'north', 'east'])).toEqual({
      values: { coats: '2', colour: 'red', dry: true },
      words: ['north', 'east'],
    });
  });

  it.each([[['--help']], [['-h', '--dry']]])('may ask for help: %j', (args) => {
    expect(readArguments(command, args)).toBe('help');
  });

  it.each([
    [
      'an unknown option',
      ['--color', 'red'],
      /^Unknown option '--color'\.\nOptions: --coats, --colour, --dry\. More: npm run paint -- --help$/,
    ],
    ['an option without its value', ['--colour'], /^Option '--colour <value>' argument missing\.\n/],
    ['a value for a switch', ['--dry=no'], /^Option '--dry' does not take an argument\.\n/],
  ])('are refused with what there is: %s', (_, args, message) => {
    expect(() => readArguments(command, args)).toThrow(message);
  });

  it('are options alone where a command takes no words', () => {
    const { words: _, ...wordless } = command;
    expect(() => readArguments(wordless, ['north'])).toThrow(/^Unexpected argument 'north'\./);
  });

  it.each(['0', '-1', 'two', ''])('hold numbers above 0, not %j', (given) => {
    expect(() => positive(command, 'coats', given)).toThrow(`--coats takes a number above 0, not "${given}".`);
  });
});

it('prints help alike for every command', () => {
  expect(help(command)).toBe(`npm run paint: paints the shop

npm run paint -- …
  walls…           these walls

Options
  --coats NUMBER   so many coats (2)
  --colour NAME    in this colour
  --dry            waits until it is dry
  --help           says this

Exits with 1 when a wall is missed.`);
});
