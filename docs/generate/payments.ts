import { NewPayment, PaymentIntentAnswer, RefundAnswer } from '@box-office/common/contracts/payments';
import { z } from 'zod';
import { idempotencyKey, type ServiceApi } from './route.ts';

const Received = z.object({ received: z.literal(true) });

export const paymentsApi: ServiceApi = {
  name: 'payments',
  summary: 'The money of each order, in step with Stripe and with what became of the order.',
  bodies: { NewPayment },
  answers: { PaymentIntentAnswer, RefundAnswer, Received },
  routes: [
    {
      method: 'post',
      path: '/api/payments',
      summary: 'Begin to pay an order, or go on with it',
      asker: 'signed-in',
      headers: idempotencyKey,
      body: NewPayment,
      answers: {
        201: { says: 'What a browser needs to confirm the payment with Stripe', body: PaymentIntentAnswer },
        200: { says: 'The same again: it was begun before', body: PaymentIntentAnswer },
      },
      problems: {
        404: ['not-found'],
        409: ['order-closed', 'amount-refused', 'busy'],
        503: ['stripe-unavailable'],
      },
    },
    {
      method: 'post',
      path: '/api/payments/:orderId/refund',
      summary: 'Give the buyer of my ticket the whole money back',
      asker: 'signed-in',
      headers: idempotencyKey,
      answers: { 200: { says: 'It is given back, now or before; never twice', body: RefundAnswer } },
      problems: {
        403: ['not-your-sale'],
        409: ['payment-not-captured', 'refund-refused', 'busy'],
        503: ['stripe-unavailable'],
      },
    },
    {
      method: 'post',
      path: '/api/payments/webhook',
      summary: 'Where Stripe tells what happened',
      asker: 'Stripe',
      headers: { 'Stripe-Signature': 'Stripe’s signature over the body, byte by byte' },
      body: 'raw',
      answers: {
        200: {
          says: 'Its effect is stored, or there is nothing to do; until then Stripe tells it again',
          body: Received,
        },
      },
      problems: {
        400: ['bad-signature', 'invalid-json'],
        409: ['busy'],
        413: ['too-large'],
        503: ['stripe-unavailable'],
      },
    },
  ],
};
