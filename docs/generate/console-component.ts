import { serviceNames } from '../../services.ts';

/** The Service without an address of its own that has the replicas of a service, ready or not. */
const replicasOf = (service: string) => `console-${service}`;

/** What the console of a cluster is told to look at: each service, replica by replica. */
export const consoleProcesses = serviceNames.map((service) => ({
  name: service,
  service,
  kind: 'service',
  url: `http://${replicasOf(service)}:3000`,
  replicas: true,
}));

const service = (name: string) => `apiVersion: v1
kind: Service
metadata:
  name: ${replicasOf(name)}
  namespace: box-office
  labels:
    app.kubernetes.io/part-of: box-office
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    app.kubernetes.io/name: ${name}
`;

/** The names by which it finds them: one that spreads requests would show the figures of now this one, now that one. */
export const consoleReplicas = `# Written by npm run docs from services.ts: the replicas of each service, for the console.\n${serviceNames.map(service).join('---\n')}`;
