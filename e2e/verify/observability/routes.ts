import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';
import { z } from 'zod';
import { alertmanagerConfig } from './alertmanager.ts';

const Rules = z.object({
  groups: z.array(
    z.object({ rules: z.array(z.object({ alert: z.string(), labels: z.object({ severity: z.string() }) })) }),
  ),
});

/** Who is to be told, by how bad it is. */
const wanted: Readonly<Record<string, string>> = { critical: 'discord-and-matrix', warning: 'discord' };

/** Asks amtool where each alert leads. @returns what is wrong, a sentence each */
export async function routeFaults(amtool: string, root: string): Promise<string[]> {
  const config = `--config.file=${join(root, alertmanagerConfig)}`;
  const run = (...args: string[]) => execa(amtool, args, { reject: false, all: true });
  const checked = await run('check-config', join(root, alertmanagerConfig));
  if (checked.exitCode !== 0) return [`amtool refuses the configuration: ${checked.all}`];
  const { groups } = Rules.parse(parse(await readFile(join(root, 'infra/monitoring/alerts.yml'), 'utf8')));
  const faults: string[] = [];
  for (const { alert, labels } of groups.flatMap(({ rules }) => rules)) {
    const asked = ['config', 'routes', 'test', config, `alertname=${alert}`, `severity=${labels.severity}`];
    const { stdout } = await run(...asked);
    const to = wanted[labels.severity];
    if (stdout.trim() !== to) faults.push(`${alert} (${labels.severity}) is sent to ${stdout.trim()}, not to ${to}`);
  }
  return faults;
}
