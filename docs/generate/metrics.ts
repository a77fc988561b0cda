import { type ServiceName, serviceNames, services } from '../../services.ts';

/** A metric as services export it. A test compares it with what they export. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Empty if it counts something. */
  readonly unit: string;
  /** Besides `service`. */
  readonly labels: readonly string[];
  readonly services: readonly ServiceName[];
  readonly help: string;
}

const having = (has: (it: (typeof services)[number]) => boolean) => services.filter(has).map(({ name }) => name);
/** expiration announces without an outbox: its timers are messages. */
const announcing = having(({ announces, hasDatabase }) => announces && hasDatabase);
const listening = having(({ listensTo }) => listensTo.length > 0);
const storing = having(({ hasDatabase }) => hasDatabase);
const all = serviceNames;

const ours: readonly Metric[] = [
  {
    name: 'http_request_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: ['method', 'route', 'status'],
    services: all,
    help: 'How long requests took to answer',
  },
  {
    name: 'http_request_body_bytes_held',
    type: 'gauge',
    unit: 'bytes',
    labels: [],
    services: all,
    help: 'Bytes held for request bodies that have not arrived completely',
  },
  {
    name: 'outbox_oldest_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: [],
    services: announcing,
    help: 'Age of the oldest event that has not been announced yet; 0 if there is none',
  },
  {
    name: 'listener_waiting_messages',
    type: 'gauge',
    unit: '',
    labels: ['stream'],
    services: all,
    help: 'Messages for this service that it has not acknowledged yet, by stream',
  },
  {
    name: 'listener_acknowledged_sequence',
    type: 'gauge',
    unit: '',
    labels: ['stream'],
    services: all,
    help: 'The sequence up to which this service has acknowledged all its messages, by stream',
  },
  {
    name: 'dead_letters_buried_total',
    type: 'counter',
    unit: '',
    labels: ['type'],
    services: listening,
    help: 'Messages given up and put into the dead letters, by event type',
  },
  {
    name: 'dead_letters',
    type: 'gauge',
    unit: '',
    labels: [],
    services: listening,
    help: 'Dead letters of this service that lie there now',
  },
  {
    name: 'unreadable_documents_total',
    type: 'counter',
    unit: '',
    labels: ['collection'],
    services: storing,
    help: 'How often an unreadable stored document was left out, by collection',
  },
  {
    name: 'orders_ended_total',
    type: 'counter',
    unit: '',
    labels: ['how'],
    services: ['orders'],
    help: 'Orders that have ended, by how: complete, or why they were cancelled',
  },
  {
    name: 'orders_overdue_oldest_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: [],
    services: ['orders'],
    help: 'How long ago the time of an order was up that has not ended, at most; 0 if there is none',
  },
  {
    name: 'payments_money_total',
    type: 'counter',
    unit: 'smallest unit of the currency',
    labels: ['movement', 'currency'],
    services: ['payments'],
    help: 'Money captured and refunded, in the smallest unit of its currency',
  },
  {
    name: 'payments_unbalanced',
    type: 'gauge',
    unit: '',
    labels: ['what'],
    services: ['payments'],
    help: 'Payments that ended more than ten minutes ago and do not fit their orders, by how',
  },
  {
    name: 'payments_open_oldest_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: [],
    services: ['payments'],
    help: 'Age of the oldest payment for which something remains to be done at Stripe; 0 if there is none',
  },
  {
    name: 'mails_total',
    type: 'counter',
    unit: '',
    labels: ['result'],
    services: ['mail'],
    help: 'How sending mails went: sent, refused, failed (to be tried again), or why it was not sent',
  },
  {
    name: 'mails_due_oldest_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: [],
    services: ['mail'],
    help: 'How long ago the mail was due that has waited longest to be sent; 0 if none waits',
  },
];

/** Those of `prom-client`, which differ between operating systems: this is Linux. */
const ofNode: readonly (readonly [string, Metric['type'], unit: string, labels: readonly string[], help: string])[] = [
  ['process_cpu_user_seconds_total', 'counter', 'seconds', [], 'Total user CPU time spent in seconds.'],
  ['process_cpu_system_seconds_total', 'counter', 'seconds', [], 'Total system CPU time spent in seconds.'],
  ['process_cpu_seconds_total', 'counter', 'seconds', [], 'Total user and system CPU time spent in seconds.'],
  ['process_start_time_seconds', 'gauge', 'seconds', [], 'Start time of the process since unix epoch in seconds.'],
  ['process_resident_memory_bytes', 'gauge', 'bytes', [], 'Resident memory size in bytes.'],
  ['process_virtual_memory_bytes', 'gauge', 'bytes', [], 'Virtual memory size in bytes.'],
  ['process_heap_bytes', 'gauge', 'bytes', [], 'Process heap size in bytes.'],
  ['process_open_fds', 'gauge', '', [], 'Number of open file descriptors.'],
  ['process_max_fds', 'gauge', '', [], 'Maximum number of open file descriptors.'],
  ['nodejs_eventloop_lag_seconds', 'gauge', 'seconds', [], 'Lag of event loop in seconds.'],
  ['nodejs_eventloop_lag_min_seconds', 'gauge', 'seconds', [], 'The minimum recorded event loop delay.'],
  ['nodejs_eventloop_lag_max_seconds', 'gauge', 'seconds', [], 'The maximum recorded event loop delay.'],
  ['nodejs_eventloop_lag_mean_seconds', 'gauge', 'seconds', [], 'The mean of the recorded event loop delays.'],
  [
    'nodejs_eventloop_lag_stddev_seconds',
    'gauge',
    'seconds',
    [],
    'The standard deviation of the recorded event loop delays.',
  ],
  [
    'nodejs_eventloop_lag_p50_seconds',
    'gauge',
    'seconds',
    [],
    'The 50th percentile of the recorded event loop delays.',
  ],
  [
    'nodejs_eventloop_lag_p90_seconds',
    'gauge',
    'seconds',
    [],
    'The 90th percentile of the recorded event loop delays.',
  ],
  [
    'nodejs_eventloop_lag_p99_seconds',
    'gauge',
    'seconds',
    [],
    'The 99th percentile of the recorded event loop delays.',
  ],
  [
    'nodejs_active_resources',
    'gauge',
    '',
    ['type'],
    'Number of active resources that are currently keeping the event loop alive, grouped by async resource type.',
  ],
  ['nodejs_active_resources_total', 'gauge', '', [], 'Total number of active resources.'],
  [
    'nodejs_active_handles',
    'gauge',
    '',
    ['type'],
    'Number of active libuv handles grouped by handle type. Every handle type is C++ class name.',
  ],
  ['nodejs_active_handles_total', 'gauge', '', [], 'Total number of active handles.'],
  [
    'nodejs_active_requests',
    'gauge',
    '',
    ['type'],
    'Number of active libuv requests grouped by request type. Every request type is C++ class name.',
  ],
  ['nodejs_active_requests_total', 'gauge', '', [], 'Total number of active requests.'],
  ['nodejs_heap_size_total_bytes', 'gauge', 'bytes', [], 'Process heap size from Node.js in bytes.'],
  ['nodejs_heap_size_used_bytes', 'gauge', 'bytes', [], 'Process heap size used from Node.js in bytes.'],
  ['nodejs_external_memory_bytes', 'gauge', 'bytes', [], 'Node.js external memory size in bytes.'],
  [
    'nodejs_heap_space_size_total_bytes',
    'gauge',
    'bytes',
    ['space'],
    'Process heap space size total from Node.js in bytes.',
  ],
  [
    'nodejs_heap_space_size_used_bytes',
    'gauge',
    'bytes',
    ['space'],
    'Process heap space size used from Node.js in bytes.',
  ],
  [
    'nodejs_heap_space_size_available_bytes',
    'gauge',
    'bytes',
    ['space'],
    'Process heap space size available from Node.js in bytes.',
  ],
  ['nodejs_version_info', 'gauge', '', ['version', 'major', 'minor', 'patch'], 'Node.js version info.'],
  [
    'nodejs_gc_duration_seconds',
    'histogram',
    'seconds',
    ['kind'],
    'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
  ],
];

export const metrics: readonly Metric[] = [
  ...ours,
  ...ofNode.map(([name, type, unit, labels, help]) => ({ name, type, unit, labels, services: all, help })),
];
