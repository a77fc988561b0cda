import Link from 'next/link';

/** Shown where there is nothing, or nothing that the reader may see. */
export function NotHere() {
  return (
    <div className="card narrow">
      <h1>There is nothing here</h1>
      <p>The address may be wrong, or the page may be gone or not yours to see.</p>
      <Link href="/">See the tickets on sale</Link>
    </div>
  );
}
