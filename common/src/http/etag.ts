import { invalidRequest, problem } from '../problem.ts';
import type { Change, Versioned } from '../store/change.ts';
import type { HeaderReader } from './exchange.ts';

/** A version as an entity tag, RFC 9110 §8.8.3. */
export const etag = (version: number): string => `"${version}"`;

/** The versions that a caller takes for the current one; null when any will do. */
export type WantedVersions = ReadonlySet<number> | null;

const tags = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/g;

/**
 * `If-Match`, RFC 9110 §13.1.1: `*` or a list of entity tags. A weak tag never matches, and neither does one that is
 * none of ours.
 */
export const ifMatch: HeaderReader<WantedVersions> = {
  name: 'If-Match',
  description:
    'The `ETag` of what is to be changed, or several, or `*`; without it the change takes place whatever the version',
  read(value) {
    if (value === undefined || value.trim() === '*') return null;
    // What is between the commas is a tag or nothing, which RFC 9110 §5.6.1 has recipients bear.
    const parts = value.replaceAll(tags, 'tag').split(',');
    if (!value.includes('"') || !parts.every((part) => ['', 'tag'].includes(part.trim()))) {
      throw invalidRequest([{ field: 'If-Match', message: 'must be `*` or a list of ETags' }]);
    }
    const strong = [...value.matchAll(tags)].flatMap(([, weak, version = '']) => (weak ? [] : [version]));
    return new Set(strong.filter((version) => /^(0|[1-9]\d{0,14})$/.test(version)).map(Number));
  },
};

/**
 * A decision that counts only if the caller looked at the version which is current. What would be refused anyway is
 * refused for its own reason (RFC 9110 §13.2.1).
 *
 * @throws Problem 412 `version-moved`
 */
export function ifMatches<State extends Versioned>(
  wanted: WantedVersions,
  decide: (state: State) => Change<State>,
): (state: State) => Change<State> {
  return (state) => {
    const change = decide(state);
    if (wanted && !wanted.has(state.version)) {
      throw problem('version-moved', 'Somebody changed this since you loaded it.');
    }
    return change;
  };
}
