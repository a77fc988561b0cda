import type { Dashboard } from './panels.ts';

export const gateway: Dashboard = {
  name: 'gateway',
  title: 'Box Office: gateway',
  description: 'What people ask Traefik for, and what it answers',
  panels: [
    {
      kind: 'lines',
      title: 'Requests',
      description: 'A second, by entry point and status',
      unit: 'reqps',
      series: [
        {
          expr: 'sum by (entrypoint, code) (rate(traefik_entrypoint_requests_total[$__rate_interval]))',
          legend: '{{entrypoint}} {{code}}',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Requests to services',
      description: 'A second, by the service that answered',
      unit: 'reqps',
      series: [
        {
          expr: 'sum by (service) (rate(traefik_service_requests_total[$__rate_interval]))',
          legend: '{{service}}',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Slowest answers (p99)',
      description: 'As people see them, by entry point: 99 of 100 are faster',
      unit: 's',
      series: [
        {
          expr: 'histogram_quantile(0.99, sum by (entrypoint, le) (rate(traefik_entrypoint_request_duration_seconds_bucket[$__rate_interval])))',
          legend: '{{entrypoint}}',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Open connections',
      description: 'By entry point',
      unit: 'short',
      series: [{ expr: 'sum by (entrypoint) (traefik_open_connections)', legend: '{{entrypoint}}' }],
    },
    {
      kind: 'lines',
      title: 'Reloads',
      description: 'How often it read its rules in the last hour',
      unit: 'short',
      series: [{ expr: 'sum(increase(traefik_config_reloads_total[1h]))', legend: 'reloads' }],
    },
  ],
};
