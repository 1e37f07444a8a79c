import type { Question, QuestionParameter } from '../api/questions';
import { FilterField } from '../kit/FilterField';
import { Icon } from '../kit/Icon';
import { Toggle } from '../kit/Toggle';
import { setSearch } from '../shell/router';
import { commonParameters, frameParameters, humanize } from './words';

/** The question's own parameters, then which runs and which time. */
export function ParameterForm({ question, search }: { question: Question; search: URLSearchParams }) {
  const frame = frameParameters.map((one) => (one.name === 'since' ? { ...one, default: question.looksBack } : one));
  const all = [...question.parameters, ...commonParameters, ...frame];
  const isSet = all.some(({ name }) => search.get(name));
  return (
    <div className="question-form">
      <form className="toolbar" aria-label="Parameters" onSubmit={(event) => event.preventDefault()}>
        {all.map((parameter, index) => (
          <Field key={parameter.name} parameter={parameter} search={search} first={index === 0} />
        ))}
        {isSet && (
          <button
            type="button"
            className="button ghost small"
            onClick={() => setSearch(Object.fromEntries(all.map(({ name }) => [name, undefined])))}
          >
            <Icon name="close" size={14} />
            Reset
          </button>
        )}
      </form>
      {question.parameters.length > 0 && (
        <dl className="question-help">
          {question.parameters.map(({ name, about }) => (
            <div key={name}>
              <dt>{humanize(name)}</dt>
              <dd>{about}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function Field({
  parameter,
  search,
  first,
}: {
  parameter: QuestionParameter;
  search: URLSearchParams;
  first: boolean;
}) {
  const { name, kind, about } = parameter;
  const value = search.get(name) ?? '';
  if (kind === 'yesNo')
    return (
      <Toggle
        on={value === 'true'}
        label={humanize(name)}
        title={about}
        testId={`parameter-${name}`}
        onChange={(on) => setSearch({ [name]: on ? 'true' : undefined })}
      />
    );
  return (
    <FilterField
      label={humanize(name)}
      value={value}
      placeholder={parameter.default || 'any'}
      title={about}
      first={first}
      wide={kind === 'run'}
      narrow={kind === 'count' || kind === 'number' || kind === 'duration'}
      testId={`parameter-${name}`}
      onChange={(next) => setSearch({ [name]: next || undefined }, { replace: true })}
    />
  );
}
