let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const watchers = new Set<() => void>();

/** A clock that ticks each second while somebody watches. */
export const ticking = {
  now: (): number => now,
  watch(changed: () => void): () => void {
    watchers.add(changed);
    if (!timer) now = Date.now();
    timer ??= setInterval(() => {
      now = Date.now();
      for (const it of watchers) it();
    }, 1_000);
    return () => {
      watchers.delete(changed);
      if (watchers.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  },
};
