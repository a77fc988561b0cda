/** `GET /api/system` */
export interface System {
  readonly processes: readonly Process[];
  /** Addresses for a browser. */
  readonly shop?: string;
  readonly mailbox?: string;
  /** Whether payments go to the sandbox, which the console can control. */
  readonly hasSandbox: boolean;
  /** Whether the console reads log lines. In a cluster it reads none. */
  readonly hasLogs: boolean;
  /** Whether the situations of the failure lab can be made here. */
  readonly hasLab: boolean;
}

export interface Process {
  /** Unique: `orders`, or `orders-1` and `orders-2` where it has replicas. */
  readonly name: string;
  /** The service that it is a replica of. */
  readonly service?: string;
  readonly kind: 'service' | 'engine' | 'page' | 'sandbox' | 'console';
  readonly url?: string;
  readonly pid?: number;
  readonly ready: boolean;
  /** What it waits for, a sentence each; empty when it is ready. */
  readonly waitsFor: readonly string[];
  readonly rssBytes?: number;
  readonly startedAt?: string;
  /** How often it was seen to start anew since the console started. */
  readonly restarts: number;
}
