import { useState, type ReactNode } from 'react';
import { formatAgo, formatMoment } from '../time/format';
import { useNow } from '../time/useNow';
import { Icon, type IconName } from './Icon';
import type { Look, Tone } from './state';

const marks: Record<Tone, IconName | undefined> = {
  ok: 'check',
  bad: 'cross',
  fault: 'cross',
  off: 'dash',
  going: undefined,
  wait: undefined,
};

/** The round sign in front of anything that has a state. */
export function StateDot({ look, size = 16 }: { look: Look; size?: number }) {
  const mark = look.icon ?? marks[look.tone];
  return (
    <span
      className={`dot tone-${look.tone}`}
      style={{ width: size, height: size }}
      role="img"
      aria-label={look.label}
      title={look.label}
    >
      {mark ? <Icon name={mark} size={Math.round(size * 0.75)} /> : <i />}
    </span>
  );
}

export function Badge({ look, children }: { look: Look; children?: ReactNode }) {
  return (
    <span className={`badge tone-${look.tone}`}>
      <StateDot look={look} size={14} />
      {children ?? look.label}
    </span>
  );
}

export function Chip({ children, title, mono }: { children: ReactNode; title?: string; mono?: boolean }) {
  return (
    <span className={`chip ${mono ? 'mono' : ''}`} title={title}>
      {children}
    </span>
  );
}

/** Labels in the order of their names, `alertname` and what the place says already left out. */
export function LabelList({ labels, without = [] }: { labels: Record<string, string>; without?: string[] }) {
  const shown = Object.entries(labels)
    .filter(([name]) => !without.includes(name))
    .sort(([a], [b]) => a.localeCompare(b));
  return (
    <span className="labels">
      {shown.map(([name, value]) => (
        <span key={name} className="chip mono">
          <span className="chip-key">{name}</span>
          {value}
        </span>
      ))}
    </span>
  );
}

/** A moment relative to now, with the exact one on hover. */
export function Ago({ time }: { time: string | undefined }) {
  const now = useNow();
  return (
    <time dateTime={time} title={formatMoment(time, true)}>
      {formatAgo(time, now)}
    </time>
  );
}

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A block of program output or a snippet, with a button that copies it. */
export function Code({ text, label = 'Copy' }: { text: string; label?: string }) {
  return (
    <div className="code">
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} label={label} />
    </div>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    } catch {
      // No permission or no secure context: the text stays selectable.
    }
  };
  return (
    <button
      type="button"
      className="button ghost small copy"
      onClick={() => void copy()}
      aria-label={label}
      title={label}
    >
      <Icon name={copied ? 'check' : 'copy'} size={14} />
    </button>
  );
}

/** What stands where a list would: what it means, and what to do next. */
export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="empty" data-testid="empty">
      <span className="empty-icon">
        <Icon name={icon} size={22} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <div className="failure" role="alert">
      <Icon name="alert" />
      <span>{error.message}</span>
      {retry && (
        <button type="button" className="button small" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Grey rows of the right height while the first answer is on its way: nothing jumps when it comes. */
export function Skeleton({ rows = 8, height = 40 }: { rows?: number; height?: number }) {
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} style={{ height }}>
          <i style={{ width: `${38 + ((i * 37) % 45)}%` }} />
        </div>
      ))}
    </div>
  );
}

export function PageHead({ title, count, children }: { title: string; count?: ReactNode; children?: ReactNode }) {
  return (
    <header className="page-head">
      <h1>{title}</h1>
      {count !== undefined && <span className="page-count">{count}</span>}
      <div className="page-tools">{children}</div>
    </header>
  );
}

export interface Choice<T extends string> {
  value: T;
  label: string;
  count?: number | undefined;
}

/** A few exclusive choices side by side. */
export function Segments<T extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  label: string;
  value: T;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
}) {
  return (
    <div className="segments" role="radiogroup" aria-label={label}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          role="radio"
          aria-checked={choice.value === value}
          onClick={() => onChange(choice.value)}
        >
          {choice.label}
          {choice.count !== undefined && <span className="segment-count">{choice.count}</span>}
        </button>
      ))}
    </div>
  );
}
