'use client';

import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { Button } from '../components/button.tsx';

interface Props {
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}

export default function ErrorPage({ error, reset }: Props) {
  const router = useRouter();
  return (
    <div className="card narrow" role="alert">
      <h1>That did not work</h1>
      <p>Something went wrong on our side. Try again in a moment.</p>
      {error.digest && <p className="muted">Error {error.digest}</p>}
      <div className="actions">
        <Button
          onClick={() =>
            startTransition(() => {
              router.refresh();
              reset();
            })
          }
        >
          Try again
        </Button>
      </div>
    </div>
  );
}
