import { z } from 'zod';

/** Invisible characters: spaces, controls, format characters, joiners and the fillers of several scripts. */
const invisible = /[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Controls and line ends, which a single line of text must not contain. */
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const controlButLineEnd = /[^\P{Cc}\n\t]/u;

/**
 * A line of text such as a title: trimmed, in NFC so that equal looks compare equal, at most `max` characters. Text
 * that looks empty counts as empty. Refuses control characters, and lone surrogates, which no database or message can
 * store.
 */
export const text = (max: number) => checked(z.string(), max, control);

/** Text of several lines such as a description: as `text`, but lines may end, and always with `\n`. */
export const lines = (max: number) =>
  checked(
    z.string().overwrite((it) => it.replaceAll(/\r\n?|[\u2028\u2029]/g, '\n')),
    max,
    controlButLineEnd,
  );

const checked = (string: z.ZodString, max: number, refused: RegExp) =>
  string
    .normalize('NFC')
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must be at most ${max} characters`)
    .refine((it) => it === '' || it.replaceAll(invisible, '') !== '', 'must not be empty')
    .refine((it) => !refused.test(it), 'must not contain control characters')
    .refine((it) => it.isWellFormed(), 'must be valid Unicode');
