import type { Attack } from './attack.ts';
import { answers } from './attacks/answers.ts';
import { browser } from './attacks/browser.ts';
import { bus } from './attacks/bus.ts';
import { conformance } from './attacks/conformance.ts';
import { endingsAttack } from './attacks/endings.ts';
import { fields } from './attacks/fields.ts';
import { framing } from './attacks/framing.ts';
import { guesses } from './attacks/guesses.ts';
import { identityHeaders } from './attacks/identity-headers.ts';
import { load } from './attacks/load.ts';
import { paths } from './attacks/paths.ts';
import { roles } from './attacks/roles.ts';
import { sandbox } from './attacks/sandbox.ts';
import { sessions } from './attacks/sessions.ts';
import { timing } from './attacks/timing.ts';
import { tokens } from './attacks/tokens.ts';
import { webhooks } from './attacks/webhooks.ts';

/** Every way of attacking the platform, those that change the sale last. */
export const attacks: readonly Attack[] = [
  answers,
  tokens,
  identityHeaders,
  paths,
  roles,
  fields,
  conformance,
  framing,
  bus,
  sandbox,
  browser,
  sessions,
  endingsAttack,
  timing,
  guesses,
  webhooks,
  load,
];
