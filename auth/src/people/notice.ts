import type { EventContract } from '@box-office/common/contracts/event';
import { type NoticedWhat, SecurityNotice, SecurityNoticed } from '@box-office/common/contracts/people';
import { z } from 'zod';

export interface Noticed {
  readonly what: NoticedWhat;
  readonly at: Date;
  readonly device?: string | undefined;
}

/** Tells the owner of an account by mail what happened to it, in the same write. */
export const noticed = ({ what, at, device }: Noticed): EventContract<SecurityNotice> => ({
  ...SecurityNoticed,
  data: z.preprocess(
    (account) => ({ ...z.looseObject({}).parse(account), what, at: at.toISOString(), ...(device && { device }) }),
    SecurityNotice,
  ),
});
