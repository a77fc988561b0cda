/** What stands in place of a page whose data cannot be had now. An empty link loads the same address again, with or without JavaScript. */
export function Outage() {
  return (
    <div className="card narrow" role="alert">
      <h1>That did not work</h1>
      <p>The shop could not get what this page shows. It may be starting; try again in a moment.</p>
      <div className="actions">
        {/* biome-ignore lint/a11y/useValidAnchor: empty is this very address */}
        <a className="button" href="">
          Try again
        </a>
      </div>
    </div>
  );
}
