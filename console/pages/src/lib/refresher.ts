/**
 * Calls `refresh` at once when asked to, but not again before it has ended and `everyMs` have passed; what was asked
 * meanwhile is done once, then.
 */
export function refresher(refresh: () => Promise<unknown>, everyMs: number): { ask(): void; end(): void } {
  let isBusy = false;
  let isAsked = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function done(): void {
    isBusy = false;
    if (isAsked) begin();
  }

  function begin(): void {
    isBusy = true;
    isAsked = false;
    const later = () => {
      timer = setTimeout(done, everyMs);
    };
    // Whoever asked shows the failure; here it only means that it has ended.
    refresh().then(later, later);
  }

  return {
    ask() {
      if (isBusy) isAsked = true;
      else begin();
    },
    end() {
      isBusy = true;
      clearTimeout(timer);
    },
  };
}
