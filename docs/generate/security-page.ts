import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chapters } from './asvs/chapters.ts';
import { listed } from './asvs/levels.ts';
import type { NamedTest, Requirement } from './asvs/requirement.ts';
import { atLeast, percentOf, shareOf, wanted } from './asvs/shares.ts';
import { table } from './table.ts';
import { titlesIn } from './test-titles.ts';

const root = resolve(import.meta.dirname, '../..');

/** Each requirement of OWASP ASVS 5.0.0, level 1 and 2, with the tests that cover it or why there are none. */
export function securityPage(): string {
  const levels = new Map(listed.map(({ id, level }) => [id, level]));
  const parts = chapters.map(({ title, requirements }, index) => {
    const rows = Object.entries(requirements).map(([id, requirement]) => [
      id,
      String(levels.get(id)),
      requirement.about,
      answerOf(requirement),
    ]);
    return `## V${index + 1} ${title}\n\n${table(['id', 'level', 'asked for', 'covered by'], rows)}`;
  });
  const counts = ([1, 2] as const).map((level) => {
    const share = shareOf(level);
    const { all, applicable, tested } = share;
    return [level, all, applicable, tested, `${percentOf(share)} %`, `${wanted[level]} %`, `${atLeast[level]} %`].map(
      String,
    );
  });
  return `# Security, requirement by requirement

Generated from \`docs/generate/asvs\` by \`npm run docs\`. The requirements are those of level 1 and 2 of the [OWASP Application Security Verification Standard 5.0.0](https://github.com/OWASP/ASVS/tree/v5.0.0) (CC BY-SA 4.0), in words of our own: the standard says what each of them means exactly.

${table(['level', 'requirements', 'apply', 'covered by tests', 'share', 'wanted', 'at least'], counts)}

A requirement counts as covered only if tests cover all of it. A test of this page fails when a test that it names is gone, when a requirement is missing, and when a share falls below the last column. What is documented and not tested is *open*, also where the standard asks for a document only. What the platform defends against is in the [threat model](threat-model.md), its rules are in [security rules](security-rules.md).

${parts.join('\n\n')}
`;
}

function answerOf(requirement: Requirement): string {
  if ('tests' in requirement) return requirement.tests.map(shown).join('<br>');
  if ('notApplicable' in requirement) return `Does not apply: ${requirement.notApplicable}`;
  return `**Open**: ${requirement.open}`;
}

/** A title continues what its \`describe\` begins, so both are shown. */
function shown({ file, title }: NamedTest): string {
  const found = titlesIn(readFileSync(join(root, file), 'utf8')).find((it) => it.title === title);
  return `[${file}](../${file}): ${[...(found?.within ?? []), title].join(', ')}`;
}
