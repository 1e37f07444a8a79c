import { lazy, Suspense, useMemo } from 'react';
import type { QueryAnswer } from '../api/types';
import { Icon } from '../kit/Icon';
import { parseNote, suggestionsOf, type Note, type TextRange } from './plan';
import { errorPosition } from './urlState';

const PromQLEditor = lazy(() => import('./PromQLEditor'));

interface Props {
  number: number;
  draft: string;
  /** What the draft was answered; absent while it has not been asked. */
  answer: QueryAnswer | undefined;
  error: Error | null;
  /** The part of the query that is looked at in its plan. */
  pointed: TextRange | undefined;
  onChange: (value: string) => void;
  onRun: () => void;
  onRemove?: () => void;
}

/** A query, and below it what the server remarks about it: its error, or warnings, hints and suggestions, each at its place. */
export function QueryRow({ number, draft, answer, error, pointed, onChange, onRun, onRemove }: Props) {
  const position = error ? errorPosition(error.message) : undefined;
  const notes = useMemo(() => (error ? [] : notesOf(answer, draft)), [answer, draft, error]);
  const marks = useMemo(
    () => [
      ...(error && position ? [{ severity: 'error' as const, ...position }] : []),
      ...notes.filter((note) => note.line !== undefined || note.at),
    ],
    // A position is new at every render; its error is not.
    [error, notes],
  );
  return (
    <div className="explore-query">
      <div className="explore-line">
        <Suspense fallback={<div className="promql promql-wait">{draft}</div>}>
          <PromQLEditor
            value={draft}
            label={`Query ${number}`}
            marks={marks}
            pointed={pointed}
            onChange={onChange}
            onRun={onRun}
          />
        </Suspense>
        {onRemove && (
          <button type="button" className="button ghost small" aria-label={`Remove query ${number}`} onClick={onRemove}>
            <Icon name="close" size={14} />
          </button>
        )}
      </div>
      {error && (
        <p className="query-error" role="alert" data-testid="query-error">
          {position ? (
            <>
              <span className="num">
                {position.line}:{position.column}
              </span>{' '}
              {position.message}
            </>
          ) : (
            error.message
          )}
        </p>
      )}
      {notes.length > 0 && (
        <ul className="query-notes" aria-label={`Remarks on query ${number}`}>
          {notes.map((note) => (
            <li
              key={note.message}
              className={`tone-${note.severity === 'warning' ? 'wait' : 'off'}`}
              data-testid="query-note"
              data-state={note.severity}
            >
              {note.line !== undefined && (
                <span className="num">
                  {note.line}:{note.column}
                </span>
              )}
              {note.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

type PlacedNote = Note & { at?: TextRange };

function notesOf(answer: QueryAnswer | undefined, query: string): PlacedNote[] {
  if (!answer) return [];
  const plan = answer.data.explain;
  const notes: PlacedNote[] = [
    ...answer.warnings.map((text) => parseNote('warning', text)),
    ...answer.infos.map((text) => parseNote('info', text)),
    ...(plan ? suggestionsOf(plan, query) : []),
  ];
  return [...new Map(notes.map((note) => [note.message, note])).values()];
}
