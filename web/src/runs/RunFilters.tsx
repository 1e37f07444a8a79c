import type { Run } from '../api/types';
import { FilterField } from '../kit/FilterField';
import { Icon } from '../kit/Icon';
import { ciSystems, SystemIcon, systemName } from '../kit/systems';
import { setSearch } from '../shell/router';
import { isFiltered, orderOf, textFilters, type TextFilter } from './filter';

const labels: Record<TextFilter, string> = {
  pipeline: 'Pipeline',
  branch: 'Branch',
  commit: 'Commit',
  actor: 'By',
};

/** Which system's runs: the five by name, and whatever else has reported. */
export function SystemChoice({ search, runs }: { search: URLSearchParams; runs: Run[] }) {
  const chosen = search.get('system') ?? '';
  const others = [...new Set([...runs.map((run) => run.system), chosen])].filter((s) => s && !ciSystems.includes(s));
  return (
    <div className="systems" role="radiogroup" aria-label="System">
      {['', ...ciSystems, ...others.sort()].map((system) => (
        <button
          key={system}
          type="button"
          role="radio"
          aria-checked={system === chosen}
          data-testid="system-choice"
          data-system={system}
          onClick={() => setSearch({ system: system || undefined })}
        >
          {system && <SystemIcon system={system} />}
          {system ? systemName(system) : 'All systems'}
        </button>
      ))}
    </div>
  );
}

export function RunFilters({ search, runs }: { search: URLSearchParams; runs: Run[] }) {
  const { by, rising } = orderOf(search);
  return (
    <div className="toolbar" role="search" aria-label="Filter runs">
      <FilterField
        label="Search"
        value={search.get('search') ?? ''}
        first
        wide
        placeholder="pipeline, commit, name…"
        testId="filter-search"
        onChange={(value) => setSearch({ search: value || undefined }, { replace: true })}
      />
      {textFilters.map((name) => (
        <FilterField
          key={name}
          label={labels[name]}
          value={search.get(name) ?? ''}
          testId={`filter-${name}`}
          known={name === 'commit' ? [] : valuesOf(runs, name)}
          onChange={(value) => setSearch({ [name]: value || undefined }, { replace: true })}
        />
      ))}
      <select
        className="field narrow-only"
        aria-label="Order"
        value={`${by} ${rising ? 'asc' : 'desc'}`}
        onChange={(event) => {
          const [sort, order] = event.target.value.split(' ');
          setSearch({ sort: sort === 'began' ? undefined : sort, order: order === 'asc' ? 'asc' : undefined });
        }}
      >
        <option value="began desc">newest first</option>
        <option value="began asc">oldest first</option>
        <option value="duration desc">longest first</option>
        <option value="duration asc">shortest first</option>
        <option value="queue desc">longest queued first</option>
        <option value="queue asc">shortest queued first</option>
      </select>
      {isFiltered(search) && (
        <button type="button" className="button ghost small" onClick={clearFilters}>
          <Icon name="close" size={14} />
          Clear
        </button>
      )}
    </div>
  );
}

const valuesOf = (runs: Run[], name: TextFilter): string[] =>
  [...new Set(runs.map((run) => run[name]).filter((value): value is string => Boolean(value)))].sort();

export const clearFilters = (): void =>
  setSearch({
    status: undefined,
    search: undefined,
    system: undefined,
    repository: undefined,
    ...Object.fromEntries(textFilters.map((name) => [name, undefined])),
  });
