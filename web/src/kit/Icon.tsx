/** 16 px line icons, drawn on a grid of 16 with round ends. */
const paths = {
  runs: 'M2 3.5h6M5 8h7M9 12.5h5',
  explore: 'M2 13.5V2.5M2 13.5h12M4.5 10.5l3-4 2.5 2 3.5-5',
  alert: 'M8 2a4 4 0 0 0-4 4v2.6L2.7 11h10.6L12 8.6V6a4 4 0 0 0-4-4ZM6.6 13.3a1.5 1.5 0 0 0 2.8 0',
  action: 'M9 1.8 3.5 9H8l-1 5.2L12.5 7H8Z',
  journal: 'M4 2h8.5v12H4a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 4 2ZM5.5 5.5h4.5M5.5 8.5h3',
  target: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z',
  branch:
    'M4.5 5.2v5.6M11.5 5.2c0 3-3 3.2-5.5 3.8M4.5 2.3a1.45 1.45 0 1 0 0 2.9 1.45 1.45 0 0 0 0-2.9ZM4.5 10.8a1.45 1.45 0 1 0 0 2.9 1.45 1.45 0 0 0 0-2.9ZM11.5 2.3a1.45 1.45 0 1 0 0 2.9 1.45 1.45 0 0 0 0-2.9Z',
  commit: 'M8 5.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4ZM1.5 8h3.8M10.7 8h3.8',
  person: 'M8 2.5a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2ZM3 13.5c.4-2.6 2.4-3.8 5-3.8s4.6 1.2 5 3.8',
  clock: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM8 5v3.2l2 1.3',
  chevron: 'M6 4l4 4-4 4',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3.5 8.5 6.7 11.5 12.5 4.8',
  cross: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  dash: 'M4 8h8',
  plus: 'M8 3.5v9M3.5 8h9',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9',
  moon: 'M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6Z',
  system: 'M2.5 3h11v7.5h-11ZM6 13.5h4M8 10.5v3',
  external: 'M6.5 3H3v10h10V9.5M9 3h4v4M13 3 7.5 8.5',
  copy: 'M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3',
  link: 'M6.8 9.2l2.4-2.4M7.2 5.2 8.9 3.5a2.5 2.5 0 0 1 3.6 3.6l-1.7 1.7M8.8 10.8l-1.7 1.7a2.5 2.5 0 0 1-3.6-3.6l1.7-1.7',
  rerun: 'M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3',
  help: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM6.3 6.3a1.75 1.75 0 1 1 2.5 1.7c-.6.3-.8.6-.8 1.2M8 11.3v.05',
  hint: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM8 7.4v3.4M8 5.1v.05',
  question: 'M2.5 3h11v8h-6l-3 2.5V11h-2ZM6.6 5.6a1.45 1.45 0 1 1 2.1 1.4c-.5.2-.7.5-.7.9M8 9.3v.05',
  test: 'M6 2h4M6.8 2v4.2L3.4 12a1.3 1.3 0 0 0 1.1 2h7a1.3 1.3 0 0 0 1.1-2L9.2 6.2V2M4.9 10h6.2',
  shield: 'M8 1.8 13 3.5v4c0 3.3-2 5.5-5 6.7-3-1.2-5-3.4-5-6.7v-4ZM5.8 7.9l1.6 1.6 2.9-3.2',
  arrow: 'M3 8h10M9.5 4.5 13 8l-3.5 3.5',
  zoomOut: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3l3.2 3.2M5 7h4',
  reset: 'M2.5 6V2.5H6M13.5 10v3.5H10M2.5 2.5l4 4M13.5 13.5l-4-4',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16, className }: { name: IconName; size?: number; className?: string }) {
  return (
    <svg
      className={`icon ${className ?? ''}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** Flyball's sign: the two balls of a centrifugal governor. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg
      className="mark"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.9"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M12 2.5v19M12 5 5.6 13M12 5l6.4 8M8.5 9.6 12 16M15.5 9.6 12 16" />
      <circle cx="5" cy="14" r="2.7" fill="currentColor" stroke="none" />
      <circle cx="19" cy="14" r="2.7" fill="currentColor" stroke="none" />
    </svg>
  );
}
