import type { PaymentIntentAnswer } from '@box-office/common/contracts/payments';

/** The props of every payment form. */
export interface PaymentFormProps {
  readonly intent: PaymentIntentAnswer;
  /** That of the order, if it has one, which paying continues. */
  readonly traceparent: string | undefined;
  /** `Pay €15.00` */
  readonly label: string;
  /** Called when the card is sent: from then on it may be charged, whatever answer comes. */
  readonly onSent: () => void;
  readonly onPaid: () => void;
}
