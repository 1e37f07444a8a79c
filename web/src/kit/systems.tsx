/** CI systems by the names people know them by, each with a sign of our own drawing. Ink only: colour means state. */
interface System {
  name: string;
  path: string;
}

const systems: Record<string, System> = {
  tekton: { name: 'Tekton', path: 'M8 1.8 13.4 4.9v6.2L8 14.2 2.6 11.1V4.9ZM5.4 6h5.2M8 6v5' },
  buildkite: {
    name: 'Buildkite',
    path: 'M1.8 4.6 6 6.8v5L1.8 9.6ZM6 6.8l4-2.2v5L6 11.8M10 4.6l4.2 2.2v2.8L10 11.8V9.6',
  },
  github: {
    name: 'GitHub Actions',
    path: 'M3.2 3.4c0-.6.5-.9 1-.7l1.9 1a8 8 0 0 1 3.8 0l1.9-1c.5-.2 1 .1 1 .7v3c.5.7.8 1.5.8 2.4 0 3-2.4 4.4-5.6 4.4S2.4 11.8 2.4 8.8c0-.9.3-1.7.8-2.4ZM6 8.6v.5M10 8.6v.5',
  },
  gitlab: { name: 'GitLab CI', path: 'M8 13.8 1.9 9.2 3.8 2.6l1.8 4h4.8l1.8-4 1.9 6.6ZM5.6 6.6 8 13.8l2.4-7.2' },
  jenkins: {
    name: 'Jenkins',
    path: 'M8 1.9c1.9 0 3.1 1.4 3.1 3.3 0 2-1.4 3.8-3.1 3.8S4.9 7.2 4.9 5.2c0-1.9 1.2-3.3 3.1-3.3ZM8 12.1l-3-1.5v3.2l3-1.7 3 1.7v-3.2Z',
  },
  step: { name: 'flyball-step', path: 'M2 3h12v10H2ZM4.6 6l2 2-2 2M8.2 10.2h3.2' },
  otlp: { name: 'OpenTelemetry', path: 'M8 2.2 13.8 8 8 13.8 2.2 8ZM8 6.4v3.2M6.4 8h3.2' },
};

/** The five whose events Flyball takes, in the order of the list's filter. */
export const ciSystems: readonly string[] = ['tekton', 'buildkite', 'github', 'gitlab', 'jenkins'];

export const systemName = (system: string): string => systems[system]?.name ?? system;

export function SystemIcon({ system, size = 16 }: { system: string; size?: number }) {
  const path = systems[system]?.path ?? 'M8 2.2 13.8 8 8 13.8 2.2 8Z';
  return (
    <svg
      className="icon system-icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}
