import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { findTraefik } from '@box-office/local/engines';
import { gatewayDir } from '@box-office/local/gateway';
import { startGuarded } from '@box-office/local/guarded';
import { startOnPort, takesConnections } from '@box-office/local/starting';
import { parse, stringify } from 'yaml';

it('keeps the keys of links in mails out of the access log of the cluster', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'box-office-access-log-'));
  const [logFile, settingsFile, rulesFile] = [
    join(dir, 'access.log'),
    join(dir, 'traefik.yml'),
    join(dir, 'rules.yml'),
  ];
  const { accessLog } = parse(await readFile(join(gatewayDir, 'settings/static.yml'), 'utf8'), { merge: true });
  const found = await findTraefik();
  if (found.kind !== 'program') throw new Error('there is no Traefik to start');
  const nowhere = { shop: { loadBalancer: { servers: [{ url: 'http://127.0.0.1:9' }] } } };
  const all = { all: { rule: 'PathPrefix(`/`)', service: 'shop' } };
  await writeFile(rulesFile, stringify({ http: { routers: all, services: nowhere } }));
  const traefik = await startOnPort('Traefik', undefined, async (port) => {
    const entryPoints = { web: { address: `127.0.0.1:${port}` } };
    const settings = { entryPoints, providers: { file: { filename: rulesFile } } };
    await writeFile(settingsFile, stringify({ ...settings, accessLog: { ...accessLog, filePath: logFile } }));
    const running = startGuarded({ name: 'Traefik', program: found.path, args: [`--configFile=${settingsFile}`] });
    const isReady = () => takesConnections(port).then(() => true);
    return { running, url: `http://127.0.0.1:${port}`, why: found.why, isReady };
  });
  try {
    const address = `${traefik.url}/open?key=secret-of-a-guest&to=/orders`;
    // 404 until it has read its rules, which is logged or not, as it happens.
    await eventually(async () => expect((await fetch(address)).status).toBe(502));
    const log = await eventually(async () => {
      const text = await readFile(logFile, 'utf8');
      expect(text).toContain('"DownstreamStatus":502');
      return text;
    });
    const last: unknown = JSON.parse(log.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ RequestPath: '/open', DownstreamStatus: 502 });
    expect(log).not.toContain('secret-of-a-guest');
  } finally {
    await traefik.stop();
    await rm(dir, { recursive: true, force: true });
  }
});
