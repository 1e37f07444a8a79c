import { useState } from 'react';
import { Icon } from '../kit/Icon';
import { formatMoment, formatPromDuration, parseDuration } from '../time/format';
import type { ExploreState } from './urlState';

const ranges = [300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000];
const refreshes = [0, 5, 15, 60];

/** Range, end, step and refresh: when a query looks, and how finely. */
export function TimeTools({
  state,
  step,
  onChange,
}: {
  state: ExploreState;
  step: number;
  onChange: (patch: Partial<ExploreState>) => void;
}) {
  const known = ranges.includes(state.rangeSeconds);
  const move = (direction: -1 | 1): void => {
    const end = (state.end ?? Date.now() / 1000) + (direction * state.rangeSeconds) / 2;
    onChange({ end: end >= Date.now() / 1000 ? undefined : end });
  };
  return (
    <div className="time-tools">
      <select
        className="field"
        aria-label="Range"
        value={state.rangeSeconds}
        onChange={(event) => onChange({ rangeSeconds: Number(event.target.value) })}
      >
        {!known && <option value={state.rangeSeconds}>{formatPromDuration(state.rangeSeconds)}</option>}
        {ranges.map((range) => (
          <option key={range} value={range}>
            {formatPromDuration(range)}
          </option>
        ))}
      </select>
      <div className="time-end">
        <button type="button" className="button ghost small" aria-label="Earlier" onClick={() => move(-1)}>
          <Icon name="chevron" size={14} className="flip" />
        </button>
        {state.end === undefined ? (
          <span className="time-now">until now</span>
        ) : (
          <button
            type="button"
            className="time-now link"
            title="Back to now"
            onClick={() => onChange({ end: undefined })}
          >
            until {formatMoment(state.end * 1000).slice(5)}
          </button>
        )}
        <button
          type="button"
          className="button ghost small"
          aria-label="Later"
          disabled={state.end === undefined}
          onClick={() => move(1)}
        >
          <Icon name="chevron" size={14} />
        </button>
      </div>
      <StepField key={state.step} value={state.step} automatic={step} onChange={(value) => onChange({ step: value })} />
      <select
        className="field"
        aria-label="Refresh"
        value={state.refreshSeconds}
        onChange={(event) => onChange({ refreshSeconds: Number(event.target.value) })}
      >
        {refreshes.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds === 0 ? 'no refresh' : `every ${formatPromDuration(seconds)}`}
          </option>
        ))}
      </select>
    </div>
  );
}

function StepField({
  value,
  automatic,
  onChange,
}: {
  value: number | undefined;
  automatic: number;
  onChange: (value: number | undefined) => void;
}) {
  const [text, setText] = useState(value === undefined ? '' : formatPromDuration(value));
  const parsed = parseDuration(text);
  const bad = text.trim() !== '' && !parsed;
  const commit = (): void => {
    if (!bad && parsed !== value) onChange(text.trim() === '' ? undefined : parsed);
  };
  return (
    <label className="filter step-field">
      <span>Step</span>
      <input
        className="filter-input"
        value={text}
        placeholder={formatPromDuration(automatic)}
        aria-invalid={bad}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
    </label>
  );
}
