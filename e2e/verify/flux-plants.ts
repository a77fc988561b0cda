import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { edit, type Plant } from './plants.ts';
import type { Cluster } from './tree.ts';

/** Errors in the configuration of Flux. None hides another, so that all of a cluster are planted at once. */
export const fluxPlants: Readonly<Record<Cluster, readonly Omit<Plant, 'cluster' | 'shows'>[]>> = {
  dev: [
    {
      what: 'a file of secrets that is not encrypted',
      plant: (copy) => plant(copy, 'infra/flux/apps/dev/planted.env', 'STRIPE_SECRET_KEY=anything\n'),
      found: /^Flux’s secrets are encrypted: apps\/dev\/planted\.env is not encrypted/,
    },
    {
      what: 'one that pretends to be',
      plant: (copy) => plant(copy, 'infra/flux/apps/dev/mixed.env', 'A=ENC[x]\nB=open\nsops_mac=ENC[x]\n'),
      found: /apps\/dev\/mixed\.env says B for everybody to read/,
    },
    {
      what: 'one that the cluster cannot read',
      plant: (copy) =>
        plant(
          copy,
          'infra/flux/apps/dev/foreign.env',
          'A=ENC[x]\nsops_age__list_0__map_recipient=age1other\nsops_mac=ENC[x]\n',
        ),
      found: /apps\/dev\/foreign\.env is not encrypted for the key of dev/,
    },
    {
      what: 'a private key, wherever it is',
      plant: (copy) => plant(copy, 'infra/flux/notes.md', `My key: ${'AGE-SECRET-KEY-1'}QQQ\n`),
      found: /notes\.md holds an age key/,
    },
    {
      what: 'a Secret in a manifest',
      plant: (copy) =>
        plant(
          copy,
          'infra/flux/delivery/dev/planted.yml',
          'kind: Secret\nmetadata:\n  name: it\nstringData:\n  a: b\n',
        ),
      found: /delivery\/dev\/planted\.yml Secret it holds its data/,
    },
    {
      what: 'a Secret that is generated from public values',
      plant: (copy) =>
        edit(
          copy,
          'infra/flux/apps/dev/kustomization.yaml',
          'secretGenerator:\n',
          'secretGenerator:\n  - name: it\n    literals: [a=b]\n',
        ),
      found: /apps\/dev\/kustomization\.yaml generates the Secret it/,
    },
    {
      what: 'kinds that are pruned',
      plant: (copy) => edit(copy, 'infra/flux/clusters/dev/crds.yml', 'prune: false', 'prune: true'),
      found: /^Flux applies every stage in order: Kustomization crds prunes kinds/,
    },
    {
      what: 'a stage that does not wait for the one before it',
      plant: (copy) => edit(copy, 'infra/flux/clusters/dev/apps.yml', '    - name: platform', '    - name: crds'),
      found: /Kustomization apps does not wait for platform/,
    },
    {
      what: 'a stage that is never applied',
      plant: (copy) =>
        edit(copy, 'infra/flux/clusters/dev/controllers.yml', '2-controllers/dev', '2-controllers/traefik'),
      found: /no Kustomization applies infra\/k8s-setup\/2-controllers\/dev/,
    },
    {
      what: 'secrets that are not decrypted',
      plant: (copy) =>
        edit(
          copy,
          'infra/flux/clusters/dev/delivery.yml',
          '  decryption:\n    provider: sops\n    secretRef:\n      name: sops-age\n',
          '',
        ),
      found: /Kustomization delivery does not decrypt its secrets/,
    },
    {
      what: 'a field that Flux does not know',
      plant: (copy) => edit(copy, 'infra/flux/delivery/dev/receiver.yml', '  events:', '  evnets:'),
      found: /^applies infra\/flux\/delivery\/dev: .*evnets: field not declared/,
    },
    {
      what: 'an image without a marker',
      plant: (copy) =>
        edit(copy, 'infra/flux/apps/dev/kustomization.yaml', 'flux-system:orders:tag', 'flux-system:order:tag'),
      found: /no ImagePolicy is named as in flux-system:order:tag/,
    },
    {
      what: 'a preview that exceeds its quota',
      plant: (copy) => edit(copy, 'infra/k8s/overlays/preview/quota.yml', 'limits.memory: 8Gi', 'limits.memory: 4Gi'),
      found: /^a preview fits into its quota: limits\.memory/,
    },
    {
      what: 'a preview that may go anywhere',
      plant: (copy) => edit(copy, 'infra/flux/clusters/dev/previews-rights.yml', "'^box-office-pr-[0-9]+$')", "'.*')"),
      found: /a preview may apply ConfigMap intruder/,
    },
  ],
  prod: [
    {
      what: 'a production that follows main',
      plant: (copy) => edit(copy, 'infra/flux/clusters/prod/apps.yml', 'name: release', 'name: flux-system'),
      found: /^Flux follows releases: Kustomization flux-system\/apps does not follow signed releases/,
    },
    {
      what: 'a cluster that writes to main',
      plant: (copy) => edit(copy, 'infra/flux/delivery/prod/proposals.yml', 'branch: flux/prod-images', 'branch: main'),
      found: /^no cluster writes to main: ImageUpdateAutomation flux-system\/images pushes to main/,
    },
  ],
};

const plant = (copy: string, file: string, text: string) => writeFile(join(copy, file), text);
