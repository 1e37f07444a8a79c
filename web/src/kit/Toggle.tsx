/** One thing that is on or off. */
export function Toggle({
  on,
  label,
  title,
  testId,
  onChange,
}: {
  on: boolean;
  label: string;
  title?: string;
  testId?: string;
  onChange: (on: boolean) => void;
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      className="toggle"
      title={title}
      data-testid={testId}
      onClick={() => onChange(!on)}
    >
      <i aria-hidden="true" />
      {label}
    </button>
  );
}
