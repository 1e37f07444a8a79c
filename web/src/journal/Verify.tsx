import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { getJson } from '../api/client';
import { keys } from '../api/queries';
import type { JournalVerdict } from '../api/types';
import { Icon } from '../kit/Icon';
import { Link } from '../shell/router';
import { formatClock } from '../time/format';

type Verdict =
  | { state: 'idle' | 'checking' }
  | { state: 'done'; verdict: JournalVerdict; at: number }
  | { state: 'failed'; message: string };

/** Asks the server to recompute every hash. */
export function Verify() {
  const client = useQueryClient();
  const [check, setCheck] = useState<Verdict>({ state: 'idle' });
  const verify = async (): Promise<void> => {
    setCheck({ state: 'checking' });
    try {
      const verdict = await getJson<JournalVerdict>('/api/flyball/journal/verify');
      setCheck({ state: 'done', verdict, at: Date.now() });
      void client.invalidateQueries({ queryKey: keys.journal });
    } catch (cause) {
      setCheck({ state: 'failed', message: cause instanceof Error ? cause.message : String(cause) });
    }
  };
  return (
    <>
      <span
        className="verdict"
        role="status"
        data-testid="journal-verdict"
        data-state={check.state === 'done' ? (check.verdict.ok ? 'ok' : 'bad') : check.state}
      >
        {check.state === 'done' && check.verdict.ok && (
          <span className="tone-ok">
            <Icon name="check" size={14} />
            {check.verdict.entries} entries intact at {formatClock(check.at)}
          </span>
        )}
        {check.state === 'done' && !check.verdict.ok && (
          <span className="tone-bad">
            <Icon name="cross" size={14} />
            {check.verdict.firstBad === undefined ? (
              ''
            ) : (
              <Link className="link" to={`/journal?sel=${check.verdict.firstBad}`}>
                entry {check.verdict.firstBad}
              </Link>
            )}{' '}
            {check.verdict.error ?? 'does not match its hash'}
          </span>
        )}
        {check.state === 'failed' && (
          <span className="tone-bad">
            <Icon name="cross" size={14} />
            {check.message}
          </span>
        )}
      </span>
      <button
        type="button"
        className="button"
        onClick={() => void verify()}
        disabled={check.state === 'checking'}
        data-testid="journal-verify"
      >
        <Icon name="link" size={14} />
        {check.state === 'checking' ? 'Verifying…' : 'Verify the chain'}
      </button>
    </>
  );
}
