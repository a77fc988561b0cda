/** It cannot be told; the message says why and what helps. */
export class CannotTell extends Error {}
