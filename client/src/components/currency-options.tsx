import type { Currency } from '@box-office/common/contracts/primitives';
import { commonCurrencies, currencyName, otherCurrencies } from '../lib/money.ts';

/** All currencies for a select field, the common ones first. */
export function CurrencyOptions() {
  return (
    <>
      <optgroup label="Common">{commonCurrencies.map(option)}</optgroup>
      <optgroup label="Others">{otherCurrencies.map(option)}</optgroup>
    </>
  );
}

// Server and browser may know different names; the server's are kept.
const option = (code: Currency) => (
  <option key={code} value={code} suppressHydrationWarning>
    {currencyName(code)}
  </option>
);
