import type { Evidence } from './evidence.ts';
import { aftermath } from './promises/aftermath.ts';
import { allOrNothing } from './promises/all-or-nothing.ts';
import { announcedAndCopied } from './promises/announced-and-copied.ts';
import { answers } from './promises/answers.ts';
import { cancelledShows } from './promises/cancelled-shows.ts';
import { final } from './promises/final.ts';
import { mails } from './promises/mails.ts';
import { money } from './promises/money.ts';
import { neverBack } from './promises/never-back.ts';
import { neverEditedWhileHeld } from './promises/never-edited-while-held.ts';
import { nobodyDied } from './promises/nobody-died.ts';
import { oneHolder } from './promises/one-holder.ts';
import { refunds } from './promises/refunds.ts';
import { refused } from './promises/refused.ts';
import { resale } from './promises/resale.ts';
import { sales } from './promises/sales.ts';
import { served } from './promises/served.ts';
import { usableAtOnce } from './promises/usable-at-once.ts';
import type { Verdict } from './promises/verdict.ts';
import { waitingLine } from './promises/waiting-line.ts';
import { withinLimits } from './promises/within-limits.ts';

/** Judges a run that has settled. Depends on the evidence alone: the same evidence always gets the same verdicts. */
export function check(evidence: Evidence): Verdict[] {
  return [
    oneHolder(evidence),
    announcedAndCopied(evidence),
    money(evidence),
    neverBack(evidence),
    final(evidence),
    answers(evidence),
    nobodyDied(evidence),
    refused(evidence),
    neverEditedWhileHeld(evidence),
    served(evidence),
    usableAtOnce(evidence),
    allOrNothing(evidence),
    withinLimits(evidence),
    aftermath(evidence),
    refunds(evidence),
    cancelledShows(evidence),
    resale(evidence),
    waitingLine(evidence),
    sales(evidence),
    mails(evidence),
  ];
}
