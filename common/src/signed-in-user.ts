/** The caller, as far as a service needs to know. */
export interface SignedInUser {
  readonly id: string;
  /** The guests whose address this person has proved: what was bought as one of them belongs to this person too. */
  readonly also?: readonly string[];
  /**
   * Stands for the address, whoever gives it: what limits how much one person may take. Otherwise a guest with a new id
   * would get past every limit.
   */
  readonly limit?: string;
  /** The session that the identity was signed for. */
  readonly session?: string;
}

/** All ids that the caller's belongings may have. */
export const idsOf = ({ id, also = [] }: SignedInUser): readonly string[] => [id, ...also];

/** Whether something belongs to the caller. `ownerId` is null or missing where nobody owns it. */
export const isTheirs = (user: SignedInUser, ownerId: string | null | undefined): boolean =>
  typeof ownerId === 'string' && idsOf(user).includes(ownerId);

/** By what the limits per person count. */
export const countedBy = ({ id, limit }: SignedInUser): string => limit ?? id;
