import { useLive, useLiveStatus } from '../lib/hooks.ts';

/** Whether what is shown follows what happens, and the switch for it. */
export function LiveButton() {
  const live = useLive();
  const { connection, paused, held } = useLiveStatus();
  const state = paused ? 'paused' : connection;
  const text = { live: 'Live', connecting: 'Connecting…', lost: 'Not connected', paused: 'Paused' }[state];
  return (
    <div className={`live ${state}`}>
      <span role="status">
        <span className="pulse" />
        {text}
      </span>
      <button type="button" aria-pressed={paused} onClick={() => live.pause(!paused)} title="p">
        {paused ? `Resume${held > 0 ? ` · ${held} new` : ''}` : 'Pause'}
      </button>
    </div>
  );
}
