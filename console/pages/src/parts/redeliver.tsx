import { useState } from 'react';
import { post } from '../lib/api.ts';

interface RedeliverProps {
  readonly eventId: string;
  readonly text: string;
  /** The webhook, for those who do not see what is beside the button. */
  readonly what?: string;
}

/** Has the sandbox send a webhook again. What that changes shows up by itself. */
export function Redeliver({ eventId, text, what = '' }: RedeliverProps) {
  const [state, setState] = useState<'ready' | 'sending' | 'sent' | 'failed'>('ready');

  async function send(): Promise<void> {
    setState('sending');
    await post('/api/sandbox/redeliver', { eventId }).then(
      () => setState('sent'),
      () => setState('failed'),
    );
  }

  return (
    <>
      <button type="button" disabled={state === 'sending'} onClick={() => void send()}>
        {text}
        {what && <span className="unseen"> {what}</span>}
      </button>{' '}
      <span role="status">
        {state === 'sent' && 'It was sent.'}
        {state === 'failed' && 'The sandbox did not take it.'}
      </span>
    </>
  );
}
