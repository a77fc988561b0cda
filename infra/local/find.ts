/** Where an engine comes from: a configured address, or a program that we start. */
export type Found =
  | { readonly kind: 'address'; readonly url: string; readonly why: string }
  | { readonly kind: 'program'; readonly program: string; readonly path: string; readonly why: string };

/** One way to get an engine. Returns what it found, or a clause that says why it found nothing. */
export interface Way {
  readonly what: string;
  readonly look: () => Promise<Found | Missing>;
}

export interface Missing {
  readonly missing: string;
  /** The one command that would fix it, if there is one. */
  readonly fix?: string;
}

export class EngineMissing extends Error {
  constructor(engine: string, tried: readonly string[], fix: string) {
    super([`No ${engine} found. What was tried:`, ...tried.map((it) => `  - ${it}`), `What helps: ${fix}`].join('\n'));
    this.name = 'EngineMissing';
  }
}

/**
 * Takes the first way that works, and says why the earlier ones did not; later ones are not tried, because they may
 * download something.
 *
 * @throws EngineMissing that names every way tried, what failed on it, and the one command that would fix it
 */
export async function firstFound(engine: string, ways: readonly Way[], lastResort: string): Promise<Found> {
  const tried: string[] = [];
  let fix = lastResort;
  for (const { what, look } of ways) {
    const result = await look();
    if ('kind' in result) return tried.length > 0 ? { ...result, why: `${result.why} (${tried.join('; ')})` } : result;
    tried.push(`${what}: ${result.missing}`);
    fix = result.fix ?? fix;
  }
  throw new EngineMissing(engine, tried, fix);
}

/** A way that takes the address in a variable, if it is set. */
export function givenAddress(env: NodeJS.ProcessEnv, variable: string): Way {
  return {
    what: variable,
    async look() {
      const url = env[variable];
      if (!url) return { missing: 'not set' };
      if (!URL.canParse(url)) return { missing: `"${url}" is no address`, fix: `unset ${variable}` };
      return { kind: 'address', url, why: `${variable} is set` };
    },
  };
}
