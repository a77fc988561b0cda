import { invalidRequest, problem } from '../problem.ts';
import type { Change, Versioned } from '../store/change.ts';
import type { HeaderReader } from './exchange.ts';

/** A version as an entity tag, RFC 9110 §8.8.3. */
export const etag = (version: number): string => `"${version}"`;

/** The versions that the caller accepts as the current one; null for any. */
export type WantedVersions = ReadonlySet<number> | null;

const tags = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/g;

/**
 * `If-Match`, RFC 9110 §13.1.1: `*` or a list of entity tags. Weak tags, and tags that we did not issue, never match.
 */
export const ifMatch: HeaderReader<WantedVersions> = {
  name: 'If-Match',
  description:
    'One or more `ETag`s, or `*`: the change is made only if one of them is current. Without it, any version is changed',
  read(value) {
    if (value === undefined || value.trim() === '*') return null;
    // List elements may be empty: recipients must accept that (RFC 9110 §5.6.1).
    const parts = value.replaceAll(tags, 'tag').split(',');
    if (!value.includes('"') || !parts.every((part) => ['', 'tag'].includes(part.trim()))) {
      throw invalidRequest([{ field: 'If-Match', message: 'must be `*` or a list of ETags' }]);
    }
    const strong = [...value.matchAll(tags)].flatMap(([, weak, version = '']) => (weak ? [] : [version]));
    return new Set(strong.filter((version) => /^(0|[1-9]\d{0,14})$/.test(version)).map(Number));
  },
};

/**
 * Makes a decision conditional on the version that the caller has seen. If the decision itself refuses, its reason is
 * given instead (RFC 9110 §13.2.1).
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
