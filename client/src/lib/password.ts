import { NewAccount } from '@box-office/common/contracts/auth';
import { sentence } from './problem.ts';

export const passwordHint = 'At least 8 characters. A few words are easy to remember and hard to guess.';

/** What is wrong with a new password, as a sentence; undefined if nothing is. The platform decides in the end. */
export function passwordFault(password: string): string | undefined {
  const message = NewAccount.shape.password.safeParse(password).error?.issues[0]?.message;
  return message && sentence(message);
}
