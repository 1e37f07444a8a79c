import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { journalQuery } from '../api/queries';
import type { JournalEntry } from '../api/types';
import { FilterField } from '../kit/FilterField';
import { Icon } from '../kit/Icon';
import { Ago, Code, Empty, Failure, PageHead, Skeleton } from '../kit/parts';
import { usePolling } from '../live/LiveProvider';
import { Link, patchSearch, setSearch, toUrl, usePlace } from '../shell/router';
import { linkOf, toneOfKind } from './chain';
import { EntryPane } from './EntryPane';
import { Verify } from './Verify';
import './journal.css';

export default function JournalPage() {
  const { search } = usePlace();
  const filter = { kind: search.get('kind') ?? '', subject: search.get('subject') ?? '' };
  const query = useInfiniteQuery({
    ...journalQuery(filter),
    refetchInterval: usePolling(),
    placeholderData: keepPreviousData,
  });
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  const head = query.data?.pages[0]?.head;
  const selected = entries.find((entry) => String(entry.position) === search.get('sel'));
  const filtered = Boolean(filter.kind || filter.subject);
  return (
    <>
      <PageHead title="Journal" count={head === undefined ? undefined : `${head} ${head === 1 ? 'entry' : 'entries'}`}>
        <Verify />
      </PageHead>
      <div className="toolbar" role="search" aria-label="Filter the journal">
        {(['kind', 'subject'] as const).map((name, i) => (
          <FilterField
            key={name}
            label={name === 'kind' ? 'Kind' : 'Subject'}
            value={filter[name]}
            wide
            first={i === 0}
            testId={`filter-${name}`}
            known={name === 'kind' ? [...new Set(entries.map((entry) => entry.kind))].sort() : []}
            onChange={(value) => setSearch({ [name]: value || undefined, sel: undefined }, { replace: true })}
          />
        ))}
        {filtered && (
          <button
            type="button"
            className="button ghost small"
            onClick={() => setSearch({ kind: undefined, subject: undefined })}
          >
            <Icon name="close" size={14} />
            Clear
          </button>
        )}
      </div>
      {query.error && <Failure error={query.error} retry={() => void query.refetch()} />}
      <div className={`split ${selected ? 'open' : ''}`}>
        <section className="panel list journal-list" aria-label="Journal entries">
          {query.isLoading && <Skeleton rows={10} height={44} />}
          {query.data &&
            entries.length === 0 &&
            (filtered ? <Empty icon="journal" title="No entry fits this filter" /> : <NoEntries />)}
          {entries.length > 0 && (
            <>
              <div className="list-head" aria-hidden="true">
                <span className="right">#</span>
                <span />
                <span>What</span>
                <span>Why</span>
                <span>Who</span>
                <span>Hash</span>
                <span className="right">When</span>
              </div>
              <ul>
                {entries.map((entry, i) => (
                  <li key={entry.position}>
                    <Row entry={entry} link={linkOf(entries, i)} selected={entry === selected} search={search} />
                  </li>
                ))}
              </ul>
              {query.hasNextPage && (
                <div className="more">
                  <button type="button" className="button" onClick={() => void query.fetchNextPage()}>
                    Show older entries
                  </button>
                </div>
              )}
            </>
          )}
        </section>
        {selected && <EntryPane entry={selected} />}
      </div>
    </>
  );
}

function Row({
  entry,
  link,
  selected,
  search,
}: {
  entry: JournalEntry;
  link: ReturnType<typeof linkOf>;
  selected: boolean;
  search: URLSearchParams;
}) {
  return (
    <Link
      to={toUrl('/journal', patchSearch(search, { sel: String(entry.position) }))}
      className="row journal-row"
      data-row
      data-testid="journal-row"
      data-state={entry.kind}
      data-kind={entry.kind}
      data-position={entry.position}
      data-link={link}
      aria-current={selected}
    >
      <span className="right num muted">{entry.position}</span>
      <span
        className={`chain ${link}`}
        title={link === 'broken' ? 'does not link to the entry before' : 'holds the hash of the entry before'}
      >
        <i className={`tone-${toneOfKind(entry.kind)}`} />
      </span>
      <span className="clip journal-kind">{entry.kind}</span>
      <span className="clip soft journal-reason" title={entry.reason}>
        {entry.reason}
      </span>
      <span className="clip muted journal-actor">{entry.actor}</span>
      <span className="mono muted journal-hash">{entry.hash.slice(0, 8)}</span>
      <span className="right muted num">
        <Ago time={entry.at} />
      </span>
    </Link>
  );
}

function NoEntries() {
  return (
    <Empty icon="journal" title="The journal is empty">
      <p>
        Every decision, allowed or refused, becomes an entry that holds the hash of the one before it. A changed byte
        anywhere shows.
      </p>
      <Code text="flyball journal verify" label="Copy the command" />
    </Empty>
  );
}
