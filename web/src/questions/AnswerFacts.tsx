import type { Answer, Cell } from '../api/questions';
import { Fact, Facts } from '../kit/parts';
import { Link } from '../shell/router';
import { formatDuration } from '../time/format';
import { columnTitle } from './words';

/** What holds for the whole answer. */
export function AnswerFacts({ answer }: { answer: Answer }) {
  const facts = Object.entries(answer.facts ?? {});
  if (facts.length === 0) return null;
  return (
    <Facts>
      {facts.map(([name, value]) => (
        <Fact key={name} name={name === 'id' ? 'Run' : columnTitle(name)}>
          {factOf(name, value)}
        </Fact>
      ))}
    </Facts>
  );
}

function factOf(name: string, value: Cell) {
  if (name === 'id')
    return (
      <Link className="link mono" to={`/runs/${value}`}>
        {String(value).slice(0, 8)}
      </Link>
    );
  return name.endsWith('Seconds') ? formatDuration(Number(value)) : String(value ?? '–');
}
