import Link from 'next/link';

/** What stands where nothing is, or nothing that the reader may see. */
export function NotHere() {
  return (
    <div className="card narrow">
      <h1>There is nothing here</h1>
      <p>The address may be wrong, or what was here is gone or not yours.</p>
      <Link href="/">See the tickets on sale</Link>
    </div>
  );
}
