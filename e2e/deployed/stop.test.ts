import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { longestDrainMs, longestStopMs } from '@box-office/common/lifecycle';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const k8s = resolve(import.meta.dirname, '../../infra/k8s');
/** What is left for the kubelet's own work and for a slow node. */
const marginMs = 2_000;

const PodTemplate = z.object({
  spec: z.object({ template: z.object({ spec: z.looseObject({ terminationGracePeriodSeconds: z.int() }) }) }),
});

describe('how long a service takes to stop', () => {
  let texts: ReadonlyMap<string, string>;

  beforeAll(async () => {
    const files = (await readdir(k8s, { recursive: true })).filter((file) => /\.ya?ml$/.test(file));
    texts = new Map(
      await Promise.all(files.map(async (file) => [file, await readFile(join(k8s, file), 'utf8')] as const)),
    );
  });

  /** Every number that stands behind `pattern` in any manifest. */
  const numbers = (pattern: RegExp) =>
    [...texts.values()].flatMap((text) => [...text.matchAll(pattern)].map(([, number]) => Number(number)));

  it('is no longer than Kubernetes waits for it, wherever it drains', () => {
    const [document] = parseAllDocuments(texts.get('base/every-server.yml') ?? '');
    const { terminationGracePeriodSeconds } = PodTemplate.parse(document?.toJS()).spec.template.spec;
    // A pod sleeps before it is told to stop, or the process drains by itself.
    const sleeps = numbers(/preStop:\s+sleep:\s+seconds: (\d+)/g).map((seconds) => seconds * 1_000);
    const drains = numbers(/DRAIN_MS=(\d+)/g);
    expect(sleeps.length).toBeGreaterThan(0);
    expect(drains.length).toBeGreaterThan(0);
    for (const ms of [...sleeps, ...drains]) expect(ms).toBeLessThanOrEqual(longestDrainMs);
    expect(longestStopMs + marginMs).toBeLessThanOrEqual(terminationGracePeriodSeconds * 1_000);
  });

  it('is allowed once for all of them, so that no overlay gives one less', () => {
    const allowed = [...texts]
      .filter(([, text]) => text.includes('terminationGracePeriodSeconds'))
      .map(([file]) => file);
    expect(allowed.sort()).toEqual([
      'base/every-server.yml',
      'base/mongo/template/stateful-set.yml',
      'base/nats/stateful-set.yml',
    ]);
  });
});
