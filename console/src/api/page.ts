/** A part of a list, newest first. `?limit=` (50 by default, at most 200) and `?before=`, which takes a `next`. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the following, older part begins; missing at the end of the list. */
  readonly next?: string;
}

/** The body of every answer that is not a success. */
export interface Refusal {
  readonly code: string;
  readonly detail: string;
}
