import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { z } from 'zod';

const file = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
let source: string | undefined;

const Violations = z.array(z.object({ id: z.string(), nodes: z.array(z.object({ target: z.array(z.unknown()) })) }));

/**
 * The rules of axe-core that a page breaks, each with the elements that break it.
 *
 * It runs in the page itself and hands over violations alone. `AxeBuilder` of `@axe-core/playwright` finds the same,
 * but opens a second page each time and carries every passed check over to it, which takes five times as long.
 *
 * @throws when the page has frames: only `AxeBuilder` looks into those
 */
export async function violationsOn(page: Page): Promise<string[]> {
  const frames = page.frames().length - 1;
  if (frames > 0) throw new Error(`axe-core would not look into the ${frames} frames of ${page.url()}`);
  source ??= await readFile(file, 'utf8');
  await page.evaluate(source);
  const found = await page.evaluate('axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations)');
  return Violations.parse(found).map(({ id, nodes }) => `${id} ${nodes.map((it) => it.target).join(' ')}`);
}
