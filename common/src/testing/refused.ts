import type { ProblemCode } from '../contracts/problem.ts';

/** Matches a refusal that has this code and tells people why in a sentence. */
export const refused = (code: ProblemCode) =>
  expect.objectContaining({ name: 'Problem', code, detail: expect.stringMatching(/^\p{Lu}.*\.$/u) });
