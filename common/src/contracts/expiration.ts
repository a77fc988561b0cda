import { z } from 'zod';
import { defineEvent } from './event.ts';
import { Id, Instant, Version } from './primitives.ts';

export const Expiration = z.object({
  id: Id.describe('The order whose time is up'),
  version: Version.describe('The version of the order that the timer was set for'),
  expiresAt: Instant,
});
export type Expiration = z.infer<typeof Expiration>;

export const ExpirationCompleted = defineEvent({
  type: 'expiration.completed',
  announcedBy: 'expiration',
  data: Expiration,
  summary: 'The 15 minutes of an order are over.',
});
