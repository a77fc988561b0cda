export interface Title {
  /** As written between the quotes. */
  readonly title: string;
  /** The titles of the `describe`s around it. */
  readonly within: readonly string[];
}

/** `it('…',`, `describe('…',`, `inBrowser('…',` and the second call of `it.each([…])('…',`; skipped tests are none. */
const call = /^( *)(?:(it|inBrowser|describe)(?:\.concurrent)?|(?:\S.*?)?\))\(\s*(['"`])((?:(?!\3)[^\\\n]|\\.)*)\3,/gm;

/** What an attack of e2e/attack must not break; one test runs them all. */
const promise = /^ {2}promise: '([^'\n]*)',$/gm;

/** The titles of the tests in a file that Biome has formatted, or the promise of an attack. */
export function titlesIn(text: string): Title[] {
  const around: { readonly title: string; readonly depth: number }[] = [];
  const promises = [...text.matchAll(promise)].map(([, title = '']) => ({ title, within: [] }));
  const tests = [...text.matchAll(call)].map(([, indent = '', word, , title = '']) => {
    const depth = indent.length;
    while ((around.at(-1)?.depth ?? -1) >= depth) around.pop();
    const within = around.map((it) => it.title);
    if (word === 'describe') around.push({ title, depth });
    return { title, within };
  });
  return [...promises, ...tests];
}
