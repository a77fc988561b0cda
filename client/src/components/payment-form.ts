import type { PaymentIntentAnswer } from '@box-office/common/contracts/payments';

/** What each form of payment gets. */
export interface PaymentFormProps {
  readonly intent: PaymentIntentAnswer;
  /** `Pay €15.00` */
  readonly label: string;
  readonly onPaid: () => void;
}
