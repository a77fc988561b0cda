import { Language } from '@box-office/common/contracts/people';
import type { Request } from 'express';

/** The language that a browser prefers of those that mails are written in; English if it asks for none of them. */
export const languageOf = (req: Request): Language =>
  Language.catch('en').parse(req.acceptsLanguages([...Language.options]));
