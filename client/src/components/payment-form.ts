import type { PaymentIntentAnswer } from '@box-office/common/contracts/payments';

/** The props of every payment form. */
export interface PaymentFormProps {
  readonly intent: PaymentIntentAnswer;
  /** `Pay €15.00` */
  readonly label: string;
  readonly onPaid: () => void;
}
