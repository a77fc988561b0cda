/**
 * For how many days the messages between services are kept, also after an account is deleted that they mention. People
 * are told.
 */
export const keptDays = {
  /** What a service announces. */
  events: 7,
  /** What could not be handled, or is not taken from a queue. */
  unhandled: 90,
} as const;
