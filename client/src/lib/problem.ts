import { ProblemDetails } from '@box-office/common/contracts/problem';

/** What went wrong with a request, in the form that every page handles. */
export interface Fault {
  /** The HTTP status; 0 when there was no answer at all. */
  readonly status: number;
  /** Stable and kebab-case, from the platform; `unreachable` and `unknown` are ours. */
  readonly code: string;
  /** A sentence for people. */
  readonly detail: string;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
}

export const unreachable: Fault = {
  status: 0,
  code: 'unreachable',
  detail: 'We could not reach the shop. Check your connection and try again.',
  errors: [],
};

/** Reads an answer that is no success; what is no problem document is told in our own words. */
export function faultOf(status: number, body: unknown): Fault {
  const read = ProblemDetails.safeParse(body);
  if (!read.success) return { status, code: 'unknown', detail: wordsFor(status), errors: [] };
  const { code, detail, errors = [], errorId } = read.data;
  const words = detail ?? wordsFor(status);
  return { status, code, detail: errorId ? `${words} (error ${errorId})` : words, errors };
}

function wordsFor(status: number): string {
  if (status === 404) return 'There is no such thing here, or it is not yours.';
  if (status === 429) return 'That was too often. Wait a moment and try again.';
  if (status === 502 || status === 503 || status === 504) return 'The shop is busy starting. Try again in a moment.';
  if (status >= 500) return 'Something went wrong on our side. Try again in a moment.';
  return 'The shop refused that.';
}

/** The messages of a form: beside a field each, and one for the form as a whole. */
export interface FormFaults {
  readonly fields: Readonly<Record<string, string>>;
  readonly message?: string;
}

/**
 * Puts each message beside the field of the form that it concerns.
 *
 * What concerns a field that the form does not have goes to the message of the form, so that nothing is said in vain.
 */
export function formFaults(fault: Fault, fieldsOfForm: readonly string[]): FormFaults {
  const fields: Record<string, string> = {};
  const others: string[] = [];
  for (const { field, message } of fault.errors) {
    const name = field.split('.')[0] ?? '';
    if (fieldsOfForm.includes(name)) fields[name] ??= sentence(message);
    else others.push(name ? `${name} ${message}` : message);
  }
  if (fault.errors.length === 0) return { fields, message: fault.detail };
  return others.length > 0 ? { fields, message: sentence(others.join('; ')) } : { fields };
}

/** `must not be empty` as it stands beside a field: `Must not be empty.` */
function sentence(words: string): string {
  const capital = words.slice(0, 1).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
