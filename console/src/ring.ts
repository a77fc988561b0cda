/** The newest items, up to a number of them and a number of bytes. */
export interface Ring<Item> {
  add(item: Item, bytes: number): void;
  /** Newest first. */
  newestFirst(): Generator<Item>;
  readonly size: number;
  readonly bytes: number;
}

export function ring<Item>(mostItems: number, mostBytes: number): Ring<Item> {
  const kept: { readonly item: Item; readonly bytes: number }[] = [];
  let from = 0;
  let sum = 0;
  const isFull = () => kept.length - from > mostItems || (sum > mostBytes && kept.length - from > 1);
  return {
    add(item, bytes) {
      kept.push({ item, bytes });
      sum += bytes;
      while (isFull()) sum -= kept[from++]?.bytes ?? 0;
      // Removing the first item of an array moves all others, so it is done for many at once.
      if (from > mostItems / 2) {
        kept.splice(0, from);
        from = 0;
      }
    },
    *newestFirst() {
      for (let at = kept.length - 1; at >= from; at--) {
        const entry = kept[at];
        if (entry) yield entry.item;
      }
    },
    get size() {
      return kept.length - from;
    },
    get bytes() {
      return sum;
    },
  };
}
