import { normalizedPassword } from '@box-office/common/contracts/auth';
import { invalidRequest } from '@box-office/common/problem';
import { dictionary } from '@zxcvbn-ts/language-common';

const shortest = 8;
const common: ReadonlySet<string> = new Set(
  dictionary['passwords-common'].filter((password) => password.length >= shortest).map((it) => it.toLowerCase()),
);

/**
 * Refuses what is guessed first: the most common passwords, one character again and again, blanks, and the address
 * itself (NIST SP 800-63B). There are no other rules.
 *
 * @throws Problem 400 `invalid-request`
 */
export function mustNotBeCommon(password: string, email: string): void {
  const plain = normalizedPassword(password).trim().toLowerCase();
  const isOneCharacter = new Set(plain).size <= 1;
  const isAddress = plain === email || plain === email.slice(0, email.lastIndexOf('@'));
  if (common.has(plain) || isOneCharacter || isAddress) {
    throw invalidRequest([{ field: 'password', message: 'is too common: it would be guessed at once' }]);
  }
}
