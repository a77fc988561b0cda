export interface Holder {
  readonly pid: number;
  readonly [note: string]: unknown;
}

export type Lock =
  | {
      readonly taken: true;
      /** Leaves a note for processes that find the lock taken. */
      readonly note: (more: Record<string, unknown>) => void;
      readonly release: () => void;
    }
  | { readonly taken: false; readonly holder: Holder };

export function tryLock(path: string, note?: Record<string, unknown>): Lock;
export function holderOf(path: string): Holder | undefined;
