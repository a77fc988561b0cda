/** Ids that divide a list, newest first, into windows of about a page each. */
export interface Windows {
  /** The beginning of the window that ends before `id`, or of so many windows; undefined for the end of the list. */
  floorOf(id: string | undefined, windows: number): string | undefined;
  /** Divides a window that holds more than a page, after the last one of the page. */
  split(id: string): void;
}

/**
 * Learns from the pages that are read; a wrong mark makes a window too large or too small and changes no answer.
 *
 * @param marksAtMost Beyond this number, every other mark is forgotten.
 */
export function createWindows(marksAtMost = 1_000): Windows {
  /** In ascending order. */
  let marks: string[] = [];
  return {
    floorOf(id, windows) {
      const below = id === undefined ? marks.length - 1 : marks.findLastIndex((mark) => mark < id);
      // Below the oldest mark may be most of the list, so that is a window of its own.
      return below < 0 ? undefined : marks[Math.max(0, below - windows + 1)];
    },
    split(id) {
      const next = marks.findIndex((mark) => mark >= id);
      if (marks[next] === id) return;
      marks.splice(next < 0 ? marks.length : next, 0, id);
      if (marks.length > marksAtMost) marks = marks.filter((_, index) => index % 2 === 1);
    },
  };
}
