import { type ZodError, z } from 'zod';
import { type FieldError, invalidRequest } from '../problem.ts';

/**
 * Parses something that a caller has sent.
 *
 * @throws Problem 400 `invalid-request`, naming every invalid field. A ZodError from anywhere else is a bug and is
 * answered 500
 */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { success, data, error } = z.safeParse(schema, value);
  if (!success) throw invalidRequest(error.issues.flatMap(fieldErrors));
  return data;
}

function fieldErrors(issue: ZodError['issues'][number]): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'is not known' }));
  }
  return [{ field: issue.path.join('.'), message: issue.message }];
}
