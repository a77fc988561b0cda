import type { Metadata } from 'next';
import Link from 'next/link';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <div className="card narrow">
      <h1>There is nothing here</h1>
      <p>The address may be wrong, or the thing is gone or not yours.</p>
      <Link href="/">See the tickets on sale</Link>
    </div>
  );
}
