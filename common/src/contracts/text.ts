import { z } from 'zod';

/** Invisible characters: spaces, controls, format characters, joiners and the fillers of several scripts. */
const invisible = /[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Controls and line ends, which a single line of text must not contain. */
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/**
 * A line of text such as a title: trimmed, in NFC so that equal looks compare equal, at most `max` characters. Text
 * that looks empty counts as empty. Refuses control characters, and lone surrogates, which no database or message can
 * store.
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
