import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { testsQuery, type Test, type TestIdentity } from '../api/tests';
import { FilterField } from '../kit/FilterField';
import { Icon } from '../kit/Icon';
import { Code, Empty, Failure, PageHead, Segments, Skeleton } from '../kit/parts';
import { usePolling } from '../live/LiveProvider';
import { setSearch, usePlace } from '../shell/router';
import { TestPane } from './TestPane';
import { TestRow } from './TestRow';
import './tests.css';

const filters = ['search', 'pipeline', 'branch', 'task', 'commit'] as const;
const spans = [
  { value: '1d', label: '1 d' },
  { value: '7d', label: '7 d' },
  { value: '30d', label: '30 d' },
  { value: '90d', label: '90 d' },
] as const;
type Span = (typeof spans)[number]['value'];
const orders = ['flakiness', 'failures', 'executions', 'duration'] as const;
type Order = (typeof orders)[number];

const limit = 200;
const sinceOf = (search: URLSearchParams): Span =>
  spans.find(({ value }) => value === search.get('since'))?.value ?? '30d';
const orderOf = (search: URLSearchParams): Order => orders.find((order) => order === search.get('sort')) ?? 'flakiness';

export const keyOf = ({ suite = '', class: className = '', name, file = '' }: TestIdentity): string =>
  JSON.stringify([name, className, suite, file]);

/** What the address says of the test whose history is open. */
function chosen(search: URLSearchParams): TestIdentity | undefined {
  const name = search.get('test');
  const [suite, className, file] = ['suite', 'class', 'file'].map((part) => search.get(part) ?? '');
  return name ? { name, suite: suite ?? '', class: className ?? '', file: file ?? '' } : undefined;
}

export const choosing = (test: TestIdentity | undefined) => ({
  test: test?.name,
  suite: test?.suite || undefined,
  class: test?.class || undefined,
  file: test?.file || undefined,
});

export default function TestsPage() {
  const { search } = usePlace();
  const asked: Record<string, string> = { since: sinceOf(search), sort: orderOf(search), limit: String(limit) };
  for (const name of filters) {
    const value = search.get(name)?.trim();
    if (value) asked[name] = value;
  }
  const isFiltered = filters.some((name) => asked[name]);
  const {
    data: tests,
    error,
    refetch,
    isLoading,
  } = useQuery({
    ...testsQuery(asked),
    refetchInterval: 2 * usePolling(),
    placeholderData: keepPreviousData,
  });
  const open = chosen(search);
  const openKey = open && keyOf(open);
  return (
    <>
      <PageHead title="Tests" count={tests && `${tests.length}${tests.length === limit ? '+' : ''}`}>
        <Segments
          label="Since"
          value={sinceOf(search)}
          choices={spans}
          onChange={(since) => setSearch({ since: since === '30d' ? undefined : since })}
        />
      </PageHead>
      <div className="toolbar" role="search" aria-label="Filter tests">
        {filters.map((name, index) => (
          <FilterField
            key={name}
            label={name.charAt(0).toUpperCase() + name.slice(1)}
            value={search.get(name) ?? ''}
            first={index === 0}
            wide={name === 'search'}
            placeholder={name === 'search' ? 'suite, class or name' : 'any'}
            testId={`filter-${name}`}
            onChange={(value) => setSearch({ [name]: value || undefined }, { replace: true })}
          />
        ))}
        {isFiltered && (
          <button
            type="button"
            className="button ghost small"
            onClick={() => setSearch(Object.fromEntries(filters.map((name) => [name, undefined])))}
          >
            <Icon name="close" size={14} />
            Clear
          </button>
        )}
      </div>
      {error && <Failure error={error} retry={() => void refetch()} />}
      <div className={`split ${open ? 'open' : ''}`}>
        <section className="panel list test-list" aria-label="Tests" aria-busy={isLoading}>
          {isLoading && <Skeleton rows={12} height={44} />}
          {tests?.length === 0 && (isFiltered ? <NothingFits /> : <NoTests />)}
          {tests && tests.length > 0 && (
            <>
              <Head order={orderOf(search)} />
              <ul>
                {tests.map((test) => (
                  <li key={keyOf(test)}>
                    <TestRow test={test} search={search} isOpen={keyOf(test) === openKey} />
                  </li>
                ))}
              </ul>
            </>
          )}
        </section>
        {open && (
          <TestPane
            key={openKey}
            identity={open}
            test={tests?.find((test: Test) => keyOf(test) === openKey)}
            onClose={() => setSearch(choosing(undefined))}
          />
        )}
      </div>
    </>
  );
}

function Head({ order }: { order: Order }) {
  return (
    <div className="list-head">
      <span aria-hidden="true" />
      <span>Test</span>
      <span className="test-trend">Latest</span>
      <Sort by="executions" order={order} label="Runs" />
      <Sort by="failures" order={order} label="Failures" />
      <Sort by="flakiness" order={order} label="Flakiness" />
      <Sort by="duration" order={order} label="Mean" className="test-mean" />
      <span className="right test-most">Longest</span>
    </div>
  );
}

function Sort({ by, order, label, className = '' }: { by: Order; order: Order; label: string; className?: string }) {
  const isOn = by === order;
  return (
    <span className={`right ${className}`}>
      <button
        type="button"
        className={`sort ${isOn ? 'on' : ''}`}
        data-testid={`sort-${by}`}
        aria-pressed={isOn}
        aria-label={`Sort by ${label.toLowerCase()}`}
        onClick={() => setSearch({ sort: by === 'flakiness' ? undefined : by })}
      >
        <span className="sort-sign" aria-hidden="true">
          ↓
        </span>
        {label}
      </button>
    </span>
  );
}

function NothingFits() {
  return (
    <Empty icon="test" title="No test fits this filter">
      <p>
        Search finds parts of suite, class and name; the other filters compare whole words, a commit may be shortened.
      </p>
    </Empty>
  );
}

function NoTests() {
  return (
    <Empty icon="test" title="No test has reported yet">
      <p>Send the JUnit files your test runner writes, from the step that runs it or afterwards:</p>
      <Code
        text={`flyball-step --name test --junit 'reports/*.xml' -- make test

curl --data-binary @report.xml "${location.origin}/api/flyball/tests/junit?system=github&instance=github.com&run=$GITHUB_RUN_ID&task=test"`}
        label="Copy the commands"
      />
    </Empty>
  );
}
