import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { get } from '../../ui/api.ts';
import { formatNumber } from '../../ui/format.ts';
import { Button, ErrorBox, Loading, Notice } from '../../ui/parts.tsx';
import { MemberName } from '../../ui/member-name.tsx';
import { useLoad } from '../../ui/use-load.ts';

export interface Verification {
  users: number;
  entries: number;
  mismatches: { userId: string; balance: number; ledgerSum: number }[];
}

/** Whether the books are right, proven anew. @throws ApiProblem */
export function readProof(signal: AbortSignal): Promise<Verification> {
  return get<Verification>('/admin/credits/verify', {}, signal);
}

/** The light: green while every balance is the sum of its entries. */
export function Proof(): JSX.Element {
  const { data, problem, isLoading, reload } = useLoad(readProof, []);
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  if (data === undefined) return <Loading rows={1} />;
  const isGood = data.mismatches.length === 0;
  return (
    <Notice tone={isGood ? 'good' : 'bad'}>
      <div class="notice-row">
        <p>{isGood ? texts.credits.proven(formatNumber(data.entries), formatNumber(data.users)) : texts.credits.broken(data.mismatches.length)}</p>
        <Button isBusy={isLoading} onClick={reload}>{texts.credits.proveAgain}</Button>
      </div>
      {!isGood && (
        <ul>
          {data.mismatches.map(({ userId, balance, ledgerSum }) => (
            <li key={userId}>
              <MemberName id={userId} />: {texts.credits.mismatch(balance, ledgerSum)}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
