/**
 * Whether a show has begun. Nothing is sold from then on; a ticket without a date is sold until its seller withdraws
 * it.
 */
export const hasBegun = ({ startsAt }: { readonly startsAt?: string | null | undefined }, now: Date): boolean =>
  typeof startsAt === 'string' && Date.parse(startsAt) <= now.getTime();
