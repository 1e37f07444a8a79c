import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { actionsQuery, alertHistoryQuery, alertsQuery, rulesQuery } from '../api/queries';
import { Failure, PageHead, Segments } from '../kit/parts';
import { usePolling } from '../live/LiveProvider';
import { navigate } from '../shell/router';
import { AlertList } from './AlertList';
import { stretchesOf } from './history';
import { Rules } from './Rules';
import { merge } from './shown';
import './alerts.css';

export default function AlertsPage({ rest }: { rest: string[] }) {
  const polling = usePolling();
  const alerts = useQuery({ ...alertsQuery(), refetchInterval: polling });
  const rules = useQuery({ ...rulesQuery(), refetchInterval: 10_000 });
  const history = useQuery({ ...alertHistoryQuery('1h'), refetchInterval: 15_000 });
  const actions = useInfiniteQuery({ ...actionsQuery(''), refetchInterval: polling });
  const executions = useMemo(() => actions.data?.pages.flatMap((page) => page.items) ?? [], [actions.data]);
  const shown = useMemo(
    () => merge(alerts.data ?? [], stretchesOf(history.data ?? []), executions),
    [alerts.data, history.data, executions],
  );
  const tab = rest[0] === 'rules' ? 'rules' : 'alerts';
  const ruleCount = rules.data?.reduce((count, group) => count + group.rules.length, 0);
  return (
    <>
      <PageHead title="Alerts">
        <Segments
          label="View"
          value={tab}
          onChange={(value) => navigate(value === 'rules' ? '/alerts/rules' : '/alerts')}
          choices={[
            { value: 'alerts', label: 'Alerts', count: alerts.data?.length },
            { value: 'rules', label: 'Rules', count: ruleCount },
          ]}
        />
      </PageHead>
      {tab === 'alerts' && (
        <AlertList shown={shown} loading={alerts.isLoading} error={alerts.error} groups={rules.data} />
      )}
      {tab === 'rules' && (rules.error ? <Failure error={rules.error} /> : <Rules groups={rules.data} />)}
    </>
  );
}
