import { z } from 'zod';

/** RFC 9457 problem details, as every error answer of the platform carries them (`application/problem+json`). */
export const ProblemDetails = z.object({
  type: z.string().default('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('Stable, kebab-case; made for programs'),
  detail: z.string().optional().describe('A sentence for people'),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  errorId: z.string().optional().describe('Stands in the log beside what went wrong (status 500 only)'),
});
export type ProblemDetails = z.infer<typeof ProblemDetails>;
