import { useState } from 'react';
import type { QueryAnswer, QueryResult, Series } from '../api/types';
import { parseSample } from './series';

/** The value of every series at one moment, largest first on demand. */
export function TablePanel({
  expr,
  answer: data,
  isFetching,
}: {
  expr: string;
  answer: QueryAnswer | undefined;
  isFetching: boolean;
}) {
  const [byValue, setByValue] = useState(false);
  const rows = data ? rowsOf(data.data) : [];
  const sorted = byValue ? rows.toSorted((a, b) => b.sort - a.sort) : rows;
  return (
    <div className="result-table" data-testid="result-table" data-state={isFetching ? 'loading' : 'ready'}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              {data && `${rows.length} series of `}
              <code>{expr}</code>
            </th>
            <th scope="col" className="right" aria-sort={byValue ? 'descending' : 'none'}>
              <button type="button" onClick={() => setByValue(!byValue)}>
                Value{byValue ? ' ↓' : ''}
              </button>
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((row, i) => (
            <tr key={i}>
              <td className="mono">{row.name}</td>
              <td className="mono right num">
                {row.values.map((value, k) => (
                  <div key={k}>{value}</div>
                ))}
              </td>
            </tr>
          ))}
          {data && rows.length === 0 && (
            <tr>
              <td colSpan={2} className="muted">
                The answer is empty: no series matches at this moment.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

interface TableRow {
  name: string;
  values: string[];
  sort: number;
}

function rowsOf(data: QueryResult): TableRow[] {
  if (data.resultType !== 'vector' && data.resultType !== 'matrix')
    return [{ name: data.resultType, values: [data.result[1]], sort: 0 }];
  return data.result.map((series) => ({
    name: fullName(series),
    values: valuesOf(series),
    sort: parseSample(series.value?.[1] ?? series.values?.at(-1)?.[1] ?? '0'),
  }));
}

function fullName({ metric }: Series): string {
  const { __name__: name = '', ...labels } = metric;
  const text = Object.entries(labels)
    .map(([key, value]) => `${key}="${value}"`)
    .join(', ');
  return text || !name ? `${name}{${text}}` : name;
}

function valuesOf(series: Series): string[] {
  if (series.value) return [series.value[1]];
  if (series.histogram) return [`count ${series.histogram[1].count}, sum ${series.histogram[1].sum}`];
  return [
    ...(series.values ?? []).map(([time, value]) => `${value} @${time}`),
    ...(series.histograms ?? []).map(([time, h]) => `count ${h.count}, sum ${h.sum} @${time}`),
  ];
}
