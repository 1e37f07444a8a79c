import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { actionsQuery, policiesQuery } from '../api/queries';
import type { Execution, ExecutionStatus } from '../api/types';
import { Ago, Code, Empty, Failure, PageHead, Segments, Skeleton, StateDot } from '../kit/parts';
import { lookOfExecution } from '../kit/state';
import { usePolling } from '../live/LiveProvider';
import { useRunNames } from '../runs/names';
import { Link, navigate, patchSearch, setSearch, toUrl, usePlace } from '../shell/router';
import { formatDuration } from '../time/format';
import { ActionPane } from './ActionPane';
import { Policies } from './Policies';
import './actions.css';

const statuses: { value: '' | ExecutionStatus; label: string }[] = [
  { value: '', label: 'All' },
  { value: 'running', label: 'Running' },
  { value: 'succeeded', label: 'Succeeded' },
  { value: 'failed', label: 'Failed' },
  { value: 'refused', label: 'Refused' },
  { value: 'dry_run', label: 'Dry run' },
];

export default function ActionsPage({ rest }: { rest: string[] }) {
  const { search } = usePlace();
  const polling = usePolling();
  const tab = rest[0] === 'policies' ? 'policies' : 'executions';
  const status = statuses.find((choice) => choice.value === search.get('status'))?.value ?? '';
  const query = useInfiniteQuery({ ...actionsQuery(status), refetchInterval: polling });
  const policies = useQuery({ ...policiesQuery(), refetchInterval: polling });
  const actions = query.data?.pages.flatMap((page) => page.items) ?? [];
  const selected = search.get('sel') ?? undefined;
  return (
    <>
      <PageHead title="Actions">
        {tab === 'executions' && (
          <Segments
            label="Status"
            value={status}
            choices={statuses}
            onChange={(value) => setSearch({ status: value || undefined, sel: undefined })}
          />
        )}
        <Segments
          label="View"
          value={tab}
          onChange={(value) => navigate(value === 'policies' ? '/actions/policies' : '/actions')}
          choices={[
            { value: 'executions', label: 'Executions' },
            { value: 'policies', label: 'Policies', count: policies.data?.length },
          ]}
        />
      </PageHead>
      {tab === 'policies' &&
        (policies.error ? (
          <Failure error={policies.error} />
        ) : (
          <Policies policies={policies.data} selected={selected} />
        ))}
      {tab === 'executions' && (
        <>
          {query.error && <Failure error={query.error} retry={() => void query.refetch()} />}
          <ActionList
            actions={actions}
            loading={query.isLoading}
            filtered={status !== ''}
            selected={selected}
            search={search}
            more={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
          />
        </>
      )}
    </>
  );
}

interface ListProps {
  actions: Execution[];
  loading: boolean;
  filtered: boolean;
  selected: string | undefined;
  search: URLSearchParams;
  more: (() => void) | undefined;
}

function ActionList({ actions, loading, filtered, selected, search, more }: ListProps) {
  const runName = useRunNames();
  const open = actions.find((action) => action.id === selected);
  return (
    <div className={`split ${open ? 'open' : ''}`}>
      <section className="panel list action-list" aria-label="Executions">
        {loading && <Skeleton rows={6} height={52} />}
        {!loading &&
          actions.length === 0 &&
          (filtered ? <Empty icon="action" title="No execution has this status" /> : <NoActions />)}
        {actions.length > 0 && (
          <>
            <div className="list-head" aria-hidden="true">
              <span />
              <span>Action</span>
              <span>Caused by</span>
              <span>Run</span>
              <span className="right">Event → action</span>
              <span className="right">Took</span>
              <span className="right">When</span>
            </div>
            <ul>
              {actions.map((action) => (
                <li key={action.id}>
                  <Link
                    to={toUrl('/actions', patchSearch(search, { sel: action.id }))}
                    className="row action-row"
                    data-row
                    data-testid="action-row"
                    data-state={action.status}
                    data-policy={action.policy}
                    data-action={action.action}
                    aria-current={action.id === selected}
                  >
                    <StateDot look={lookOfExecution(action.status)} size={18} />
                    <span className="action-name">
                      <strong className="clip">{action.action}</strong>
                      <span className="clip soft" title={action.reason}>
                        {action.reason ?? action.policy}
                      </span>
                    </span>
                    <span className="clip action-cause">{action.alert?.alertname ?? '–'}</span>
                    <span className="clip soft action-run">{action.run ? runName(action.run) : '–'}</span>
                    <span
                      className="right num action-latency"
                      data-none={action.latencySeconds === undefined || undefined}
                    >
                      {formatDuration(action.latencySeconds)}
                    </span>
                    <span className="right num soft action-took">{formatDuration(action.durationSeconds)}</span>
                    <span className="right muted">
                      <Ago time={action.decidedAt} />
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
            {more && (
              <div className="more">
                <button type="button" className="button" onClick={more}>
                  Show older executions
                </button>
              </div>
            )}
          </>
        )}
      </section>
      {open && <ActionPane action={open} runName={runName} onClose={() => setSearch({ sel: undefined })} />}
    </div>
  );
}

const snippet = `# flyball.yml
actions:
  - name: rerun-task
    command:
      argv: [./rerun.sh, '{{ .Labels.run_id }}', '{{ .Labels.task }}']

policies:
  - name: rerun-flaky-test
    alerts: ['alertname="TaskFailed"', 'task=~"test.*"']
    action: rerun-task
    cooldown: 5m
    rate_limit: {count: 3, per: 1h}`;

function NoActions() {
  return (
    <Empty icon="action" title="Nothing has been done yet">
      <p>
        When an alert fires, Flyball asks the policies. One that names the alert and whose condition holds runs an
        action; every decision, also a refusal, is listed here and in the journal.
      </p>
      <Code text={snippet} label="Copy the policy" />
    </Empty>
  );
}
