import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptDays } from '@box-office/common/contracts/kept';
import { serviceNames } from '../../services.ts';
import { root } from './documents.ts';

const rules = readFileSync(join(root, 'docs/security-rules.md'), 'utf8');
const [, sections = ''] = rules.split(/^(?=## What a caller may send$)/m);
const section = (title: string) => sections.split(/^## /m).find((it) => it.startsWith(`${title}\n`)) ?? '';

describe('the rules of security', () => {
  it('name every setting of a service that limits something', () => {
    const settings = [...serviceNames.map((name) => `${name}/src/config.ts`), 'common/src/settings.ts'].flatMap(
      (file) =>
        [...readFileSync(join(root, file), 'utf8').matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name = '']) => name),
    );
    const limits = settings.filter((name) => /LIMIT|_PER_|^MAX_|^SESSION|WINDOW/.test(name));
    expect(limits.length).toBeGreaterThan(12);
    expect(limits.filter((name) => !rules.includes(`\`${name}\``))).toEqual([]);
  });

  it('say how long messages are kept that name people', () => {
    expect(rules).toContain(`events in streams ${keptDays.events} days, dead letters ${keptDays.unhandled}`);
  });

  it('name every file that computes something cryptographic', () => {
    const folders = [...serviceNames, 'client', 'common', 'stripe-sandbox', 'infra', 'ops', 'new-service'];
    const files = folders
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
      )
      .filter(
        (file) =>
          /\.tsx?$/.test(file) && !/\.test\.tsx?$|-under-test\.ts$|\/(testing|node_modules|\.next)\//.test(file),
      );
    const computing = files.filter((file) =>
      /from '(?:node:crypto|jose|tweetnacl)'|\bgetRandomValues\(/.test(readFileSync(join(root, file), 'utf8')),
    );
    const named = section('Keys and algorithms');
    expect(computing.length).toBeGreaterThan(15);
    expect(computing.filter((file) => !named.includes(`\`${file}\``))).toEqual([]);
    const gone = [...named.matchAll(/`([\w/-]+\.ts)`/g)].map(([, file = '']) => file);
    expect(gone.filter((file) => !files.includes(file))).toEqual([]);
  });

  it('list the log of every service', () => {
    expect(section('Logs')).toMatch(/^\| every service \|/m);
    const logs = (name: string) => readFileSync(join(root, name, 'src/main.ts'), 'utf8');
    expect(serviceNames.filter((name) => !/\brunParticipant\(|\bcreateLogger\(/.test(logs(name)))).toEqual([]);
  });

  it('lead to sections and files that there are', () => {
    const anchors = new Set(
      [...rules.matchAll(/^## (.+)$/gm)].map(([, it = '']) => it.toLowerCase().replaceAll(' ', '-')),
    );
    const threats = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');
    for (const [, anchor = ''] of rules.matchAll(/\]\(#([\w-]+)\)/g)) expect([...anchors]).toContain(anchor);
    for (const [, anchor = ''] of threats.matchAll(/\]\(security-rules\.md#([\w-]+)\)/g))
      expect([...anchors]).toContain(anchor);
    const decisions = readdirSync(join(root, 'docs/decisions'));
    for (const text of [rules, threats]) {
      for (const [, file = ''] of text.matchAll(/\]\(decisions\/([\w.-]+)\)/g)) expect(decisions).toContain(file);
    }
  });
});
