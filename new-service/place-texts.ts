// Texts about one service that stand in several places.

export const registry = 'registry.digitalocean.com/box-office';
export const noDigest = `sha256:${'0'.repeat(64)}`;
export const noTag = 'main-0-0000000';
const file = 'dockerfile: infra/docker/Dockerfile, target: service';
export const docker = (name: string) => `docker: { ${file}, buildArgs: { WORKSPACE: ${name} } }`;
export const secret = (name: string) => `  - name: ${name}\n    namespace: box-office\n    envs: [${name}.env]\n`;
export const mongoSecrets = (name: string) =>
  `${secret(`mongo-${name}`)}  - name: tls-mongo-${name}\n    namespace: box-office\n    files: [tls.pem=tls-mongo-${name}.pem]\n`;
const upper = (name: string) => name.toUpperCase().replaceAll('-', '_');
export const natsKey = (name: string) =>
  `            - { name: NKEY_${upper(name)}, valueFrom: { secretKeyRef: { name: nats-${name}, key: NATS_KEY } } }\n`;
export const reader = (name: string) =>
  `  - target: { kind: StatefulSet, name: mongo-${name} }
    patch: |-
      - op: add
        path: /spec/template/spec/containers/0/env/-
        value: { name: READER_PASSWORD, valueFrom: { secretKeyRef: { name: console, key: READER_${upper(name)} } } }
`;
export const noReplicas = (name: string) => `  - name: ${name}\n    count: 0\n`;
