/**
 * The same for the same fact, however often its mail is sent, so that a mailbox recognises a second copy
 * (RFC 5322 §3.6.4). What may not stand in a Message-ID becomes a dot.
 */
export const messageIdOf = (fact: string, origin: string): string =>
  `<${fact.replaceAll(/[^\w-]+/g, '.')}@${new URL(origin).hostname}>`;
