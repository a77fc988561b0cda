/** Replaces a page whose data is unavailable. An empty link reloads the same address, with or without JavaScript. */
export function Outage() {
  return (
    <div className="card narrow" role="alert">
      <h1>That did not work</h1>
      <p>The shop could not load this page. It may still be starting. Try again in a moment.</p>
      <div className="actions">
        {/* biome-ignore lint/a11y/useValidAnchor: empty is this very address */}
        <a className="button" href="">
          Try again
        </a>
      </div>
    </div>
  );
}
