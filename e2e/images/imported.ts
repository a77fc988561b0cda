import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** The files of ours that a program needs: itself, what it imports, and what those import. Types need none. */
export async function importedBy(program: string): Promise<string[]> {
  const seen = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (seen.has(file) || file.includes('node_modules')) return;
    seen.add(file);
    const text = await readFile(file, 'utf8');
    const statements = text.matchAll(
      /^(?:import|export)\b(?! type\b)(?:[^;'"`]*?\bfrom)?\s*'([^'\n]+)';$|\bimport\('([^'\n]+)'\)/gm,
    );
    for (const [, one, other] of statements) {
      const specifier = one ?? other ?? '';
      if (specifier.startsWith('.')) await visit(join(dirname(file), specifier));
      if (specifier.startsWith('@box-office/')) await visit(createRequire(file).resolve(specifier));
    }
  };
  await visit(join(root, program));
  return [...seen].map((file) => relative(root, file));
}
