import type { Router } from 'express';
import { checkAmount } from './amounts.ts';
import { type Audience, checkSecret } from './calls.ts';
import { captureRefusals } from './cards.ts';
import { closeDispute, isOpen, keepsMoney } from './disputes.ts';
import { cancel, capture } from './ending.ts';
import { createEndpoints, type EndpointOptions } from './endpoints.ts';
import { confirm, create, update } from './intents.ts';
import { isType, page } from './lists.ts';
import { chosenMethod, typedMethod } from './methods.ts';
import * as params from './params.ts';
import { chargedBack, emptyBalance, refund } from './refunds.ts';
import { invalid, noSuch } from './refusal.ts';
import type { Dispute, Intent, Row } from './rows.ts';
import { expand, publicView, type View, view } from './views.ts';
import {
  checkType,
  confirmationOf,
  editOf,
  newIntent,
  refuseCaptureChoice,
  refuseEarlyConfirmation,
} from './wishes.ts';

/** The part of Stripe's API that payments uses: docs.stripe.com/api. */
export function createApi(options: EndpointOptions): Router {
  const { ledger, desk, faults } = options;
  const { router, query, command, refuseTheRest } = createEndpoints(options);

  query(
    '/v1/payment_intents/:id',
    params.RetrieveParams,
    ({ id, given, call }) => {
      const intent = intentOf(id);
      checkSecret(intent, given.client_secret, call);
      return shown(intent, given.expand ?? [], call.audience);
    },
    { publishable: true },
  );
  query('/v1/charges/:id', params.RetrieveParams, ({ id, given }) => {
    return shown(ledger.charges.get(id) ?? absent('charge', id), given.expand ?? [], 'secret');
  });
  query('/v1/refunds/:id', params.RetrieveParams, ({ id, given }) => {
    return shown(ledger.refunds.get(id) ?? absent('refund', id), given.expand ?? [], 'secret');
  });
  query('/v1/disputes/:id', params.RetrieveParams, ({ id, given }) => {
    return shown(disputeOf(id), given.expand ?? [], 'secret');
  });
  query('/v1/payment_methods/:id', params.RetrieveParams, ({ id }) => {
    return shown(ledger.methods.get(id) ?? absent('PaymentMethod', id), [], 'secret');
  });
  query('/v1/events/:id', params.RetrieveParams, ({ id }) => {
    return desk.eventView(ledger.events.get(id) ?? absent('event', id));
  });

  query('/v1/payment_intents', params.ListParams, ({ given, call }) => {
    return page(ledger.intents, given, () => true, plain, call.path, desk.viewer);
  });
  query('/v1/charges', params.ChargeListParams, ({ given, call }) => {
    const { payment_intent: of } = given;
    return page(
      ledger.charges,
      given,
      (charge) => of === undefined || charge.intentId === of,
      plain,
      call.path,
      desk.viewer,
    );
  });
  query('/v1/refunds', params.RefundListParams, ({ given, call }) => {
    const { payment_intent: of, charge } = given;
    const wanted = (row: { intentId: string; chargeId: string }) =>
      (of === undefined || row.intentId === of) && (charge === undefined || row.chargeId === charge);
    return page(ledger.refunds, given, wanted, plain, call.path, desk.viewer);
  });
  query('/v1/disputes', params.RefundListParams, ({ given, call }) => {
    const { payment_intent: of, charge } = given;
    const wanted = (row: { intentId: string; chargeId: string }) =>
      (of === undefined || row.intentId === of) && (charge === undefined || row.chargeId === charge);
    return page(ledger.disputes, given, wanted, plain, call.path, desk.viewer);
  });
  query('/v1/events', params.EventListParams, ({ given, call }) => {
    const types = given.types ?? (given.type === undefined ? [] : [given.type]);
    const delivered = given.delivery_success;
    return page(
      ledger.events,
      given,
      (event) =>
        (types.length === 0 || types.some((type) => isType(event.type, type))) &&
        (delivered === undefined || (event.open.size === 0) === delivered),
      desk.eventView,
      call.path,
      desk.viewer,
    );
  });

  command('/v1/payment_intents', params.CreateParams, ({ given, facts }) => {
    checkAmount(given.amount, given.currency);
    if (!given.confirm) refuseEarlyConfirmation(given);
    const method = chosenMethod(given, facts);
    const intent = newIntent(given);
    checkType(intent.allowedTypes, method?.type);
    return create(intent, method, given.confirm ? confirmationOf(given) : null, facts);
  });
  command('/v1/payment_intents/:id', params.UpdateParams, ({ id, given, facts }) => {
    const intent = intentOf(id);
    const edit = editOf(intent, given);
    const method = chosenMethod(given, facts);
    if (given.amount !== undefined || given.currency !== undefined) {
      checkAmount(given.amount ?? intent.amount, given.currency ?? intent.currency);
    }
    checkType(edit.allowedTypes ?? intent.allowedTypes, method?.type);
    return update(intent, method === null ? edit : { ...edit, method });
  });
  command(
    '/v1/payment_intents/:id/confirm',
    params.ConfirmParams,
    ({ id, given, call, facts }) => {
      const intent = intentOf(id);
      checkSecret(intent, given.client_secret, call);
      if (call.audience === 'public') refuseCaptureChoice(given);
      const method = chosenMethod(given, facts);
      const edit = editOf(intent, given);
      checkType(edit.allowedTypes ?? intent.allowedTypes, method?.type);
      return confirm({ ...intent, ...edit }, { ...confirmationOf(given), method }, facts);
    },
    { publishable: true },
  );
  command('/v1/payment_intents/:id/capture', params.CaptureParams, ({ id, given, facts }) => {
    const intent = intentOf(id);
    const { refuseCaptures } = faults.current;
    const refused =
      intent.status === 'requires_capture' &&
      (refuseCaptures.intents.includes(id) || faults.strikes(refuseCaptures)) &&
      captureRefusals[refuseCaptures.code];
    const edited = editOf(intent, given);
    return capture({ ...intent, ...edited }, given.amount_to_capture, refused || undefined, facts);
  });
  command('/v1/payment_intents/:id/cancel', params.CancelParams, ({ id, given, facts }) => {
    return cancel(intentOf(id), given.cancellation_reason ?? null, facts);
  });
  command('/v1/refunds', params.RefundParams, ({ given, facts }) => {
    const { amount, reason, metadata } = given;
    const intent = paidIntent(given);
    if (isChargedBack(intent) || faults.strikes(faults.current.refuseRefunds)) throw chargedBack(intent);
    if (faults.current.emptyBalance) throw emptyBalance();
    return refund(intent, { amount, reason: reason ?? null, metadata: metadata ?? {} }, facts);
  });
  command('/v1/disputes/:id/close', params.CloseParams, ({ id }) => {
    const dispute = disputeOf(id);
    if (!isOpen(dispute)) throw invalid(`This dispute is already closed (${dispute.status}).`);
    return closeDispute(dispute, 'lost');
  });
  command(
    '/v1/payment_methods',
    params.MethodParams,
    ({ given, facts }) => {
      const method = typedMethod(given, facts);
      return { shows: method, puts: [method], events: [] };
    },
    { publishable: true },
  );

  refuseTheRest();
  return router;

  function shown(row: Row, paths: string[], audience: Audience): View {
    const whole = view(row, desk.viewer);
    return audience === 'public' ? publicView(whole) : expand(whole, paths, desk.viewer);
  }

  function plain(row: Row): View {
    return view(row, desk.viewer);
  }

  function intentOf(id: string): Intent {
    return ledger.intents.get(id) ?? absent('payment_intent', id, 'intent');
  }

  function isChargedBack({ chargeId }: Intent): boolean {
    return ledger.disputes.some((dispute) => dispute.chargeId === chargeId && keepsMoney(dispute));
  }

  function disputeOf(id: string): Dispute {
    return ledger.disputes.get(id) ?? absent('dispute', id);
  }

  function paidIntent({ payment_intent: id, charge: chargeId }: params.RefundParams): Intent {
    if (id !== undefined) return ledger.intents.get(id) ?? absent('payment_intent', id, 'payment_intent');
    if (chargeId === undefined) {
      throw invalid('One of the following params should be provided for this request: payment_intent or charge.');
    }
    const charge = ledger.charges.get(chargeId) ?? absent('charge', chargeId, 'charge');
    return intentOf(charge.intentId);
  }
}

function absent(what: string, id: string, param = 'id'): never {
  throw noSuch(what, id, param);
}
