import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ApiError } from '../api/client';
import { answerQuery, type Answer, type Question } from '../api/questions';
import { Icon } from '../kit/Icon';
import { Code, Empty, Failure, Skeleton } from '../kit/parts';
import { Link, navigate, usePlace } from '../shell/router';
import { formatMoment } from '../time/format';
import { AnswerChart } from './AnswerChart';
import { AnswerFacts } from './AnswerFacts';
import { AnswerTable } from './AnswerTable';
import { ParameterForm } from './ParameterForm';
import { commandOf, commonParameters, frameParameters, titleOf } from './words';

/** One question: its parameters as a form, its answer as a table, and a chart where one says more. All of it is in the address. */
export function QuestionPage({ question, all }: { question: Question; all: Question[] }) {
  const { search } = usePlace();
  const known = [...question.parameters, ...commonParameters, ...frameParameters];
  const asked = Object.fromEntries(
    known.map(({ name }) => [name, search.get(name)?.trim() ?? '']).filter(([, value]) => value !== ''),
  ) as Record<string, string>;
  const { data, error, isFetching, refetch } = useQuery({
    ...answerQuery(question.name, asked),
    placeholderData: keepPreviousData,
  });
  const api = `/api/flyball/questions/${question.name}?${new URLSearchParams(asked)}`;
  useEffect(() => {
    document.title = `${titleOf(question.name)} · Flyball`;
  }, [question.name]);
  return (
    <div className="question-page">
      <header className="run-head">
        <div className="run-title">
          <Link to="/questions" className="crumb">
            Questions
          </Link>
          <Icon name="chevron" size={12} />
          <h1>{titleOf(question.name)}</h1>
          <span className="run-links">
            <select
              className="field"
              aria-label="Another question"
              value={question.name}
              onChange={(event) => navigate(`/questions/${event.target.value}`)}
            >
              {all.map(({ name }) => (
                <option key={name} value={name}>
                  {titleOf(name)}
                </option>
              ))}
            </select>
            {question.promql && (
              <Link
                className="button small"
                to={`/explore?q=${encodeURIComponent(question.promql)}&tab=table`}
                title="The same as PromQL, for rules and dashboards"
              >
                PromQL
              </Link>
            )}
            <a className="button small" href={api} target="_blank" rel="noreferrer">
              JSON
            </a>
          </span>
        </div>
        <p className="soft question-about">{question.about}</p>
      </header>
      <ParameterForm question={question} search={search} />
      {error && <Refusal error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <section className="panel">
          <Skeleton rows={8} height={36} />
        </section>
      )}
      {data && !error && (
        <div
          data-testid="answer"
          data-state={isFetching ? 'loading' : 'ready'}
          data-total={data.total}
          className="answer"
        >
          <AnswerFacts answer={data} />
          <AnswerChart answer={data} step={asked['step'] ?? '1d'} />
          <section className="panel answer-panel" aria-label="Answer">
            {data.rows.length === 0 ? <Nothing answer={data} /> : <AnswerTable answer={data} />}
          </section>
          <p className="muted num answer-foot">
            {data.total > data.rows.length &&
              `${data.rows.length} of ${data.total} rows; raise the limit to see more. `}
            {data.since && `Runs that began from ${formatMoment(data.since)} to ${formatMoment(data.until)}.`}
          </p>
        </div>
      )}
      <Code text={commandOf(question.name, asked)} label="Copy the command" />
    </div>
  );
}

/** What the server wants to be told is no failure of anything: it says so where the answer would be. */
function Refusal({ error, retry }: { error: Error; retry: () => void }) {
  if (!(error instanceof ApiError) || error.status < 400 || error.status >= 500)
    return <Failure error={error} retry={retry} />;
  return (
    <section className="panel">
      <Empty icon="question" title={error.status === 404 ? 'Nothing to answer with' : 'Not to be answered like this'}>
        <p>{error.message}</p>
      </Empty>
    </section>
  );
}

function Nothing({ answer }: { answer: Answer }) {
  return (
    <Empty icon="check" title="Nothing found">
      <p>
        No run that began from {formatMoment(answer.since)} to {formatMoment(answer.until)} answers this. Look further
        back with <em>since</em>, or filter less.
      </p>
    </Empty>
  );
}
