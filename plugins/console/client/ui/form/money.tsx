import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { formatMoney, parseMoney, writeMoney } from '../format.ts';

interface MoneyProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
  /** In the smallest unit of the currency, as it is kept. */
  value: unknown;
  currency: string;
  minimum: number;
  maximum: number;
  isRequired: boolean;
  onChange: (value: number | undefined) => void;
}

/** An amount of money, typed as people write it: `4.99`, not 499. */
export function Money({ value, currency, minimum, maximum, isRequired, onChange, ...common }: MoneyProps): JSX.Element {
  const [typed, setTyped] = useState<string>();
  const shown = typed ?? (typeof value === 'number' ? writeMoney(value, currency) : '');
  const problemOf = (text: string): string => {
    const amount = parseMoney(text, currency);
    if (text.trim() === '' || (amount !== undefined && amount >= minimum && amount <= maximum)) return '';
    return amount === undefined ? texts.form.notMoney(writeMoney(499, currency)) : texts.form.moneyRange(formatMoney(minimum, currency), formatMoney(maximum, currency));
  };
  return (
    <span class="money">
      <input
        {...common}
        type="text"
        inputMode="decimal"
        autocomplete="off"
        required={isRequired}
        value={shown}
        // The browser does not send the form while it is wrong, and says why.
        ref={(input) => input?.setCustomValidity(problemOf(shown))}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          onChange(parseMoney(currentTarget.value, currency));
        }}
        onBlur={() => {
          if (problemOf(shown) === '') setTyped(undefined);
        }}
      />
      <span class="unit">{currency.toUpperCase()}</span>
    </span>
  );
}
