import { useQuery } from '@tanstack/react-query';
import {
  lazy,
  Suspense,
  useCallback,
  useEffect,
  useRef,
  useState,
  type ComponentType,
  type LazyExoticComponent,
} from 'react';
import { alertsQuery, statusQuery } from '../api/queries';
import { Icon, Mark } from '../kit/Icon';
import { Skeleton } from '../kit/parts';
import { useLive, usePolling } from '../live/LiveProvider';
import { formatMoment } from '../time/format';
import { CrashFence } from './CrashFence';
import { HelpDialog } from './HelpDialog';
import { Link, navigate, pathUnder, usePlace } from './router';
import { places, useShortcuts } from './shortcuts';
import { nextTheme, useTheme } from './theme';

type Page = LazyExoticComponent<ComponentType<{ rest: string[] }>>;

const pages: { prefix: string; title: string; page: Page }[] = [
  { prefix: '/runs', title: 'Runs', page: lazy(() => import('../runs/RunsPage')) },
  { prefix: '/traces', title: 'Trace', page: lazy(() => import('../traces/TracePage')) },
  { prefix: '/questions', title: 'Questions', page: lazy(() => import('../questions/QuestionsPage')) },
  { prefix: '/tests', title: 'Tests', page: lazy(() => import('../tests/TestsPage')) },
  { prefix: '/explore', title: 'Explore', page: lazy(() => import('../explore/ExplorePage')) },
  { prefix: '/alerts', title: 'Alerts', page: lazy(() => import('../alerts/AlertsPage')) },
  { prefix: '/actions', title: 'Actions', page: lazy(() => import('../actions/ActionsPage')) },
  { prefix: '/journal', title: 'Journal', page: lazy(() => import('../journal/JournalPage')) },
  { prefix: '/targets', title: 'Targets', page: lazy(() => import('../targets/TargetsPage')) },
];

export function App() {
  const [helpOpen, setHelpOpen] = useState(false);
  const { path } = usePlace();
  const main = useRef<HTMLElement>(null);
  useShortcuts(useCallback(() => setHelpOpen(true), []));
  useEffect(() => {
    if (path === '/') navigate('/runs', { replace: true });
  }, [path]);
  const found = pages.map((p) => ({ ...p, rest: pathUnder(p.prefix, path) })).find((p) => p.rest);
  useEffect(() => {
    document.title = found ? `${found.title} · Flyball` : 'Flyball';
  }, [found?.title, path]);
  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to content
      </a>
      <Navigation path={path} openHelp={() => setHelpOpen(true)} />
      <main className="main" id="main" tabIndex={-1} ref={main}>
        <ConfigBanner />
        <CrashFence key={found?.prefix ?? path}>
          <Suspense fallback={<Skeleton />}>
            {found?.rest ? <found.page rest={found.rest} /> : path === '/' ? null : <Lost path={path} />}
          </Suspense>
        </CrashFence>
      </main>
      <HelpDialog open={helpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}

function Navigation({ path, openHelp }: { path: string; openHelp: () => void }) {
  const theme = useTheme();
  const { data: alerts } = useQuery({ ...alertsQuery(), refetchInterval: usePolling() });
  const firing = alerts?.filter((alert) => alert.state === 'firing').length ?? 0;
  return (
    <nav className="nav" aria-label="Main">
      <Link to="/runs" className="brand">
        <Mark />
        Flyball
      </Link>
      <ul>
        {places.map((place) => (
          <li key={place.path}>
            <Link
              to={place.path}
              className="nav-link"
              aria-current={pathUnder(place.path, path) ? 'page' : undefined}
              title={`${place.name} (g ${place.key})`}
            >
              <Icon name={place.icon} />
              {place.name}
              {place.path === '/alerts' && firing > 0 && (
                <span className="badge-count tone-bad" aria-label={`${firing} firing`}>
                  {firing}
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
      <div className="nav-foot">
        <div className="nav-tools">
          <button
            type="button"
            className="button ghost"
            onClick={nextTheme}
            aria-label={`Theme: ${theme}`}
            title={`Theme: ${theme} (d)`}
          >
            <Icon name={theme === 'light' ? 'sun' : theme === 'dark' ? 'moon' : 'system'} />
          </button>
          <button
            type="button"
            className="button ghost"
            onClick={openHelp}
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
          >
            <Icon name="help" />
          </button>
        </div>
        <StatusLine />
      </div>
    </nav>
  );
}

function StatusLine() {
  const live = useLive();
  const { data: status, isError } = useQuery({ ...statusQuery(), refetchInterval: 15_000 });
  const [tone, label] = isError
    ? ['bad', 'Disconnected']
    : live === 'live'
      ? ['ok', 'Live']
      : live === 'polling'
        ? ['wait', 'Polling']
        : ['off', 'Connecting'];
  return (
    <div
      className={`status-line tone-${tone}`}
      role="status"
      data-testid="status-line"
      data-state={isError ? 'disconnected' : live}
    >
      <span className="status-light" />
      {label}
      {status?.version && (
        <span className="version" title={`Started ${formatMoment(status.startedAt)}`}>
          {status.version}
        </span>
      )}
    </div>
  );
}

/** A configuration the server would not take is everybody's business. */
function ConfigBanner() {
  const { data: status } = useQuery(statusQuery());
  if (!status?.config?.error || status.config.ok !== false) return null;
  return (
    <div className="banner tone-bad" role="alert">
      <Icon name="alert" />
      The last reload was refused; the previous configuration is in force. {status.config.error}
    </div>
  );
}

function Lost({ path }: { path: string }) {
  return (
    <div className="empty">
      <h2>Nothing at {path}</h2>
      <p>
        <Link className="link" to="/runs">
          Go to the runs
        </Link>
      </p>
    </div>
  );
}
