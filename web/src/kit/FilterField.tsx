import { useEffect, useId, useRef, useState } from 'react';

interface Props {
  label: string;
  value: string;
  /** Values to choose from; one of them is taken at once, anything else after a pause in typing. */
  known?: string[];
  testId: string;
  /** Where the `/` key goes. */
  first?: boolean;
  wide?: boolean;
  narrow?: boolean;
  placeholder?: string;
  title?: string;
  onChange: (value: string) => void;
}

const pauseMs = 400;

/** One filter of a list. Waits until a person has finished typing: half a word matches nothing. */
export function FilterField({
  label,
  value,
  known = [],
  testId,
  first,
  wide,
  narrow,
  placeholder,
  title,
  onChange,
}: Props) {
  const id = useId();
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const commit = (next: string): void => {
    clearTimeout(timer.current);
    if (next.trim() !== value) onChange(next.trim());
  };
  const type = (next: string): void => {
    setText(next);
    clearTimeout(timer.current);
    if (next === '' || known.includes(next)) commit(next);
    else timer.current = setTimeout(() => commit(next), pauseMs);
  };
  return (
    <label className={`filter ${value ? 'set' : ''}`} title={title}>
      <span>{label}</span>
      <input
        className={`filter-input ${wide ? 'wide' : ''} ${narrow ? 'narrow' : ''}`}
        value={text}
        placeholder={placeholder ?? 'any'}
        list={known.length ? id : undefined}
        spellCheck={false}
        autoComplete="off"
        data-testid={testId}
        data-filter={first || undefined}
        onChange={(event) => type(event.target.value)}
        onBlur={() => commit(text)}
        onKeyDown={(event) => event.key === 'Enter' && commit(text)}
      />
      {known.length > 0 && (
        <datalist id={id}>
          {known.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </label>
  );
}
