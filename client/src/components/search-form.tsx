/** Searches the list of the page at this address. Works without JavaScript. */
export function SearchForm({ action, q }: { readonly action: string; readonly q: string }) {
  return (
    <search>
      <form className="search" action={action}>
        <SearchField q={q} />
      </form>
    </search>
  );
}

/** The words to search for, and the button that does it, for any form. */
export function SearchField({ q }: { readonly q: string }) {
  return (
    <>
      <label className="visually-hidden" htmlFor="q">
        Search
      </label>
      <input id="q" name="q" type="search" defaultValue={q} maxLength={200} placeholder="Title or venue" />
      <button type="submit" className="button button-quiet">
        Find
      </button>
    </>
  );
}
