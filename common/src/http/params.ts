import type { Request } from 'express';
import { Id } from '../contracts/primitives.ts';
import { notFound } from '../problem.ts';

/** @throws Problem 404 when it is no id at all: whatever it names does not exist. */
export function idParam(req: Request, name = 'id'): string {
  const id = Id.safeParse(req.params[name]);
  if (!id.success) throw notFound();
  return id.data;
}
