/** A test that covers a requirement. */
export interface NamedTest {
  /** From the root. */
  readonly file: string;
  /** As it stands in the file, between the quotes of its `it` or `describe`. */
  readonly title: string;
}

interface About {
  /** What the requirement asks for, in few words of our own. */
  readonly about: string;
}
export type Tested = About & { readonly tests: readonly NamedTest[] };
export type NotApplicable = About & { readonly notApplicable: string };
export type Open = About & { readonly open: string };

/** What we say about one requirement: the tests that cover all of it, why it does not apply, or what is missing. */
export type Requirement = Tested | NotApplicable | Open;

export interface Chapter {
  readonly title: string;
  /** By their ids, such as `V1.2.3`, without those of level 3. */
  readonly requirements: Readonly<Record<string, Requirement>>;
}

/** Names tests of one file: `const http = testsIn('common/src/http/http.test.ts')`, then `http('is JSON')`. */
export const testsIn =
  (file: string) =>
  (title: string): NamedTest => ({ file, title });

/** The same answer for several requirements. */
export function none(notApplicable: string, abouts: Readonly<Record<string, string>>): Record<string, NotApplicable> {
  return Object.fromEntries(Object.entries(abouts).map(([id, about]) => [id, { about, notApplicable }]));
}
