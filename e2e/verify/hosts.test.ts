import type { Manifest } from '@box-office/ops/cluster/manifests';
import { onlyOwnNames } from './hosts.ts';

const settings: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'box-office' },
  data: { PUBLIC_ORIGIN: 'https://tickets.example.com' },
};
const refusing = (entryPoints: string[], match: string): Manifest => ({
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'IngressRoute',
  metadata: { name: 'outside', namespace: 'box-office' },
  spec: { entryPoints, routes: [{ match }] },
});

describe('the names of the shop', () => {
  it('are the only ones that callers from outside are served under', () => {
    expect(onlyOwnNames([settings, refusing(['websecure'], '!Host(`tickets.example.com`)')])).toEqual([]);
    expect(onlyOwnNames([settings])).toEqual(['0 IngressRoutes refuse the names of others, not one']);
    expect(onlyOwnNames([settings, refusing(['internal'], '!Host(`localhost`)')])).toEqual([
      "IngressRoute box-office/outside refuses the shop's own requests",
      'IngressRoute box-office/outside is not at websecure',
      'the gateway refuses tickets.example.com, where people open the shop',
    ]);
  });
});
