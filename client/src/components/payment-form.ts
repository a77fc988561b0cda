import type { PaymentIntentAnswer } from '@box-office/common/contracts/payments';

/** The props of every payment form. */
export interface PaymentFormProps {
  readonly intent: PaymentIntentAnswer;
  /** That of the order, if it has one, which paying continues. */
  readonly traceparent: string | undefined;
  /** `Pay €15.00` */
  readonly label: string;
  readonly onPaid: () => void;
}
