import type { ProblemCode } from '../contracts/problem.ts';

/** Matches a refusal with this code and a reason in a full sentence. */
export const refused = (code: ProblemCode) =>
  expect.objectContaining({ name: 'Problem', code, detail: expect.stringMatching(/^\p{Lu}.*\.$/u) });
