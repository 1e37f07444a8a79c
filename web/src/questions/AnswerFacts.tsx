import type { Answer, Cell } from '../api/questions';
import { Fact, Facts } from '../kit/parts';
import { nameOf, shortRepository } from '../runs/names';
import { Link } from '../shell/router';
import { formatDuration } from '../time/format';
import { Outcome } from './AnswerTable';
import { columnTitle } from './words';

/** What holds for the whole answer. */
export function AnswerFacts({ answer }: { answer: Answer }) {
  const all = answer.facts ?? {};
  // The run's name is its link; what that says already is left out.
  const facts = Object.entries(all).filter(([name]) => !(all['id'] && (name === 'pipeline' || name === 'number')));
  if (facts.length === 0) return null;
  return (
    <Facts>
      {facts.map(([name, value]) => (
        <Fact key={name} name={name === 'id' ? 'Run' : columnTitle(name)}>
          {factOf(name, value, all)}
        </Fact>
      ))}
    </Facts>
  );
}

function factOf(name: string, value: Cell, all: Answer['facts']) {
  if (name === 'id')
    return (
      <Link className="link" to={`/runs/${value}`}>
        {nameOf({ id: String(value), pipeline: String(all['pipeline'] ?? ''), ...numberIn(all) })}
      </Link>
    );
  if (name === 'repository') return shortRepository(String(value));
  if (name === 'outcome') return <Outcome word={String(value)} />;
  return name.endsWith('Seconds') ? formatDuration(Number(value)) : String(value ?? '–');
}

const numberIn = (all: Answer['facts']) => (all['number'] === undefined ? {} : { number: String(all['number']) });
