import type { Dashboard } from './panels.ts';

export const services: Dashboard = {
  name: 'services',
  title: 'Box Office: services',
  description: 'How each service answers and what its processes need',
  panels: [
    {
      kind: 'lines',
      title: 'Requests',
      description: 'Answered requests a second, by service',
      unit: 'reqps',
      series: [
        {
          expr: 'sum by (service) (rate(http_request_duration_seconds_count[$__rate_interval]))',
          legend: '{{service}}',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Failed requests',
      description: 'The share answered with 5xx. Above 5 % the alert RequestsFail fires',
      unit: 'percentunit',
      series: [
        {
          expr: 'sum by (service) (rate(http_request_duration_seconds_count{status=~"5.."}[$__rate_interval])) / sum by (service) (rate(http_request_duration_seconds_count[$__rate_interval]))',
          legend: '{{service}}',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Slowest reads (p99)',
      description: '99 of 100 reads are answered faster',
      unit: 's',
      series: [
        {
          expr: 'histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket{method="GET"}[$__rate_interval])))',
          legend: '{{service}}',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Slowest commands (p99)',
      description: '99 of 100 commands are answered faster. Above 2.5 s the alert CommandsSlow fires',
      unit: 's',
      series: [
        {
          expr: 'histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket{method=~"POST|PUT|DELETE"}[$__rate_interval])))',
          legend: '{{service}}',
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Processor',
      description: 'Cores in use, by service; Node works on about one',
      unit: 'short',
      series: [{ expr: 'sum by (service) (rate(process_cpu_seconds_total[$__rate_interval]))', legend: '{{service}}' }],
    },
    {
      kind: 'lines',
      title: 'Memory',
      description: 'Resident memory of the largest process of each service',
      unit: 'bytes',
      series: [{ expr: 'max by (service) (process_resident_memory_bytes)', legend: '{{service}}' }],
    },
    {
      kind: 'lines',
      title: 'Event loop lag (p99)',
      description: 'How long a callback waits for the processor. Above 0.1 s everybody notices',
      unit: 's',
      series: [{ expr: 'max by (service) (nodejs_eventloop_lag_p99_seconds)', legend: '{{service}}' }],
    },
    {
      kind: 'lines',
      title: 'Processes',
      description: 'Replicas that tell their metrics',
      unit: 'short',
      series: [{ expr: 'count by (service) (process_start_time_seconds)', legend: '{{service}}' }],
    },
  ],
};
