import { z } from 'zod';

/** The environment is invalid. The message lists all faults. */
export class ConfigError extends Error {
  constructor(faults: readonly string[]) {
    super(`Invalid environment:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Settings as a schema: each has a type, a description and, where that is safe, a default. An empty variable counts as
 * not set.
 *
 * @throws ConfigError from the returned function, with all faults: what is wrong and what the setting is for
 */
export function defineConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
): (env: Readonly<Record<string, string | undefined>>) => Readonly<z.infer<z.ZodObject<Shape>>> {
  const schema = z.object(shape);
  return (env) => {
    const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
    const parsed = schema.safeParse(set);
    if (!parsed.success) {
      throw new ConfigError(
        parsed.error.issues.map(({ path: [name = '', ...within], message }) => {
          const where = within.length > 0 ? `${within.join('.')}: ` : '';
          const wrong = set[String(name)] === undefined ? 'is not set' : `${where}${message}`;
          const purpose = schema.shape[String(name)] as z.ZodType | undefined;
          return `${String(name)}: ${wrong} (${purpose?.description ?? ''})`;
        }),
      );
    }
    return Object.freeze(parsed.data);
  };
}
