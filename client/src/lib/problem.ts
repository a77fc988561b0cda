import { ProblemDetails } from '@box-office/common/contracts/problem';
import { z } from 'zod';

/** What went wrong with a request, in the form that all pages use. */
export interface Fault {
  /** The HTTP status; 0 when there was no answer at all. */
  readonly status: number;
  /** The platform's problem code, or `unreachable` or `unknown`, which are the client's own. */
  readonly code: string;
  /** A sentence for people. */
  readonly detail: string;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  /** The ids of the tickets that somebody else was faster with. */
  readonly seats?: readonly string[];
  /** How many tickets of each kind are left, if there are fewer than were asked for. */
  readonly left?: readonly { readonly kindId: string; readonly left: number }[];
}

const Answered = ProblemDetails.extend({
  seats: z.array(z.string()).optional().catch(undefined),
  left: ProblemDetails.shape.left.catch(undefined),
});

export const unreachable: Fault = {
  status: 0,
  code: 'unreachable',
  detail: 'We could not reach the shop. Check your connection and try again.',
  errors: [],
};

/** Parses an error response. If it is not a problem document, the message is our own. */
export function faultOf(status: number, body: unknown): Fault {
  const read = Answered.safeParse(body);
  if (!read.success) return { status, code: 'unknown', detail: wordsFor(status), errors: [] };
  const { code, detail, errors = [], errorId, seats, left } = read.data;
  const words = detail ?? wordsFor(status);
  return {
    status,
    code,
    detail: errorId ? `${words} (error ${errorId})` : words,
    errors,
    ...(seats ? { seats } : {}),
    ...(left ? { left } : {}),
  };
}

function wordsFor(status: number): string {
  if (status === 404) return 'It does not exist, or it is not yours.';
  if (status === 429) return 'Too many requests. Wait a moment and try again.';
  if (status === 502 || status === 503 || status === 504)
    return 'The shop is currently unavailable. Try again in a moment.';
  if (status >= 500) return 'Something went wrong on our side. Try again in a moment.';
  return 'The shop refused the request.';
}

/** The messages of a form: one per field, and one for the whole form. */
export interface FormFaults {
  readonly fields: Readonly<Record<string, string>>;
  readonly message?: string;
}

/**
 * Assigns each message to its field.
 *
 * Messages about fields that the form does not have go into the form's general message, so that none is lost.
 */
export function formFaults(fault: Fault, fieldsOfForm: readonly string[]): FormFaults {
  const fields: Record<string, string> = {};
  const others: string[] = [];
  for (const { field, message } of fault.errors) {
    const name = nearest(field, fieldsOfForm);
    if (name) fields[name] ??= sentence(message);
    else others.push(field ? `${field} ${message}` : message);
  }
  if (fault.errors.length === 0) return { fields, message: fault.detail };
  return others.length > 0 ? { fields, message: sentence(others.join('; ')) } : { fields };
}

/** The field of the form that holds what this path names: for `kinds.0.seats.3` it is `kinds.0.seats`. */
function nearest(path: string, fieldsOfForm: readonly string[]): string | undefined {
  if (fieldsOfForm.includes(path)) return path;
  const end = path.lastIndexOf('.');
  return end < 0 ? undefined : nearest(path.slice(0, end), fieldsOfForm);
}

/** Turns `must not be empty` into `Must not be empty.` */
export function sentence(words: string): string {
  const capital = words.slice(0, 1).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
