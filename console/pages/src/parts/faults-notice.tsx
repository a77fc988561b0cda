import { Link } from 'react-router';
import type { Sandbox } from '../../../src/api/sandbox.ts';
import { namesOn } from '../lib/faults.ts';
import { useThing } from '../lib/hooks.ts';
import { useSystem } from '../lib/shared.ts';

/** Says that faults are switched on, where somebody wonders why an order is open. */
export function FaultsNotice() {
  const { data: system } = useSystem();
  return system?.hasSandbox ? <FaultsOn /> : null;
}

function FaultsOn() {
  const { data } = useThing<Sandbox>('/api/sandbox', ['event', 'order']);
  const names = data ? namesOn(data.faults) : [];
  if (names.length === 0) return null;
  return (
    <p className="notice">
      The sandbox is told to do something wrong: <Link to="/sandbox">{names.join('; ')}</Link>.
    </p>
  );
}
