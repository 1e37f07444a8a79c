import { useQuery } from '@tanstack/react-query';
import { questionsQuery } from '../api/questions';
import { Icon } from '../kit/Icon';
import { Empty, Failure, PageHead, Skeleton } from '../kit/parts';
import { Link } from '../shell/router';
import { QuestionPage } from './QuestionPage';
import { titleOf } from './words';
import './questions.css';

/** What people ask about runs, prepared: one card each, and a page for the one chosen. */
export default function QuestionsPage({ rest: [name] }: { rest: string[] }) {
  const { data: questions, error, refetch } = useQuery(questionsQuery());
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!questions) return <Skeleton rows={8} height={56} />;
  const chosen = questions.find((question) => question.name === name);
  if (chosen) return <QuestionPage key={chosen.name} question={chosen} all={questions} />;
  if (name)
    return (
      <Empty icon="question" title={`“${name}” is no question`}>
        <p>
          <Link className="link" to="/questions">
            All questions
          </Link>
        </p>
      </Empty>
    );
  return (
    <>
      <PageHead title="Questions" count={questions.length} />
      <ul className="question-cards">
        {questions.map((question) => (
          <li key={question.name}>
            <Link
              to={`/questions/${question.name}`}
              className="panel question-card"
              data-row
              data-testid="question-card"
              data-name={question.name}
            >
              <span className="question-title">
                {titleOf(question.name)}
                <Icon name="arrow" size={14} />
              </span>
              <span className="soft question-about">{question.about}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
