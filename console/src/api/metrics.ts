/** `GET /api/metrics` → `{items: Chart[]}`: the last hour, one point every ten seconds. */
export interface Chart {
  readonly name: string;
  readonly title: string;
  readonly unit: 'per-second' | 'ms' | 'count' | 'bytes' | 'seconds';
  readonly group: 'sales' | 'requests' | 'events' | 'processes';
  readonly series: readonly Series[];
}

export interface Series {
  readonly label: string;
  /** Time in milliseconds since 1970, and the value; null while the process did not answer. */
  readonly points: readonly (readonly [at: number, value: number | null])[];
}
