'use client';

import { WaitingAnswer } from '@box-office/common/contracts/waiting';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { Confirm } from './confirm.tsx';

interface LeaveLineProps {
  readonly entry: WaitingAnswer;
  /** Told how the entry has ended. */
  readonly onLeft: (entry: WaitingAnswer) => void;
}

export function LeaveLine({ entry, onLeft }: LeaveLineProps) {
  async function leave() {
    const outcome = await call('DELETE', `/api/waiting-list/${entry.id}`);
    if (outcome.ok) onLeft(WaitingAnswer.parse(outcome.body));
    else if (outcome.fault.status === 401) goSignIn();
    else return outcome.fault.detail;
    return undefined;
  }
  return (
    <Confirm
      action="Leave the line"
      label={`Leave the line: ${entry.kind}, ${entry.title}`}
      look="quiet"
      question="Leave the line?"
      no="Keep my place"
      yes="Leave the line"
      onYes={leave}
    >
      You no longer wait for “<bdi>{entry.kind}</bdi>” of “<bdi>{entry.title}</bdi>”. If you join again, you wait at the
      end.
    </Confirm>
  );
}
