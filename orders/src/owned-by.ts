import { idsOf, type SignedInUser } from '@box-office/common/signed-in-user';

/** Finds what belongs to the caller. Most people have one id, which the database need not merge by. */
export function ownedBy(user: SignedInUser): { readonly userId: string | { readonly $in: string[] } } {
  const [id = user.id, ...more] = idsOf(user);
  return { userId: more.length === 0 ? id : { $in: [id, ...more] } };
}
