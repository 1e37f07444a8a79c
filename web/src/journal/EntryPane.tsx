import type { JournalEntry } from '../api/types';
import { Pane, PaneSection } from '../kit/Pane';
import { Code, CopyButton, Fact, Facts } from '../kit/parts';
import { Link, setSearch } from '../shell/router';
import { formatMoment } from '../time/format';

/** One entry in full: who did what to what, and the two hashes that hold it in its place. */
export function EntryPane({ entry }: { entry: JournalEntry }) {
  const hasDetails =
    typeof entry.details === 'object' && entry.details !== null && Object.keys(entry.details).length > 0;
  return (
    <Pane
      label="Journal entry"
      title={
        <>
          {entry.kind}
          <span className="muted num">#{entry.position}</span>
        </>
      }
      onClose={() => setSearch({ sel: undefined })}
    >
      {entry.reason && <p>{entry.reason}</p>}
      <Facts>
        <Fact name="When">{formatMoment(entry.at, true)}</Fact>
        <Fact name="Who">{entry.actor}</Fact>
        <Fact name="Subject">
          <Link className="link mono" to={`/journal?subject=${encodeURIComponent(entry.subject)}`}>
            {entry.subject}
          </Link>
        </Fact>
      </Facts>
      {entry.kind.startsWith('action.') && (
        <p>
          <Link className="link" to={`/actions?sel=${encodeURIComponent(entry.subject)}`}>
            Open the execution
          </Link>
        </p>
      )}
      {hasDetails && (
        <PaneSection title="Details">
          <Code text={JSON.stringify(entry.details, null, 2)} label="Copy the details" />
        </PaneSection>
      )}
      <PaneSection title="Hash">
        <p className="hash mono">
          {entry.hash}
          <CopyButton text={entry.hash} label="Copy the hash" />
        </p>
      </PaneSection>
      <PaneSection title="Hash of the entry before">
        <p className="hash mono muted">{entry.previousHash}</p>
      </PaneSection>
    </Pane>
  );
}
