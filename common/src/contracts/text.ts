import { z } from 'zod';

/** What shows nothing: spaces, controls, format characters, joiners and the fillers of several scripts. */
const invisible = /[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Controls and line ends, which no single line of text has. */
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/**
 * A line of text that people write, such as a title: trimmed and in Unicode's composed form (NFC), so that what looks alike is alike; at most `max` characters.
 * What looks empty is empty. Refuses control characters, and halves of surrogate pairs, which no database or message can hold.
 */
export const text = (max: number) =>
  z
    .string()
    .normalize('NFC')
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must be at most ${max} characters`)
    .refine((it) => it === '' || it.replaceAll(invisible, '') !== '', 'must not be empty')
    .refine((it) => !control.test(it), 'must not contain control characters')
    .refine((it) => it.isWellFormed(), 'must be valid Unicode');
