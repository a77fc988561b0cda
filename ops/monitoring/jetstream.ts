import type { Dashboard } from './panels.ts';

export const jetstream: Dashboard = {
  name: 'jetstream',
  title: 'Box Office: events and JetStream',
  description: 'Whether what is stored is announced, and what is announced is handled',
  panels: [
    {
      kind: 'lines',
      title: 'Oldest event that is not announced',
      description: 'How long it has been in an outbox. Above 1 min the alert OutboxStuck fires',
      unit: 's',
      series: [{ expr: 'max by (service) (outbox_oldest_age_seconds)', legend: '{{service}}' }],
    },
    {
      kind: 'lines',
      title: 'Messages that wait',
      description: 'Not acknowledged yet, by stream and the service that listens',
      unit: 'short',
      series: [{ expr: 'max by (service, stream) (listener_waiting_messages)', legend: '{{stream}} → {{service}}' }],
    },
    {
      kind: 'lines',
      title: 'Progress of listeners',
      description: 'Sequence numbers acknowledged a second. 0 while messages wait: the alert ListenerStuck fires',
      unit: 'short',
      series: [
        {
          expr: 'max by (service, stream) (deriv(listener_acknowledged_sequence[$__rate_interval]))',
          legend: '{{stream}} → {{service}}',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Dead letters',
      description: 'Messages that were given up and wait for a person',
      unit: 'short',
      series: [{ expr: 'max by (service) (dead_letters)', legend: '{{service}}' }],
    },
  ],
};
