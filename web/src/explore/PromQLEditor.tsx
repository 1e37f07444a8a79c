import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewline } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import { useEffect, useRef } from 'react';
import type { ErrorPosition } from './urlState';

interface Props {
  value: string;
  label: string;
  problem: ErrorPosition | undefined;
  onChange: (value: string) => void;
  onRun: () => void;
}

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--code-keyword)' },
  {
    tag: [tags.function(tags.variableName), tags.standard(tags.function(tags.variableName))],
    color: 'var(--code-function)',
  },
  { tag: [tags.string], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool], color: 'var(--code-number)' },
  { tag: tags.labelName, color: 'var(--code-label)' },
  { tag: tags.comment, color: 'var(--ink-3)', fontStyle: 'italic' },
  { tag: [tags.operator, tags.punctuation, tags.paren, tags.brace, tags.squareBracket], color: 'var(--ink-2)' },
]);

/** One client for every editor, so that names are asked for once. The server's parser is the judge: no second linter here. */
const promql = new PromQLExtension().activateLinter(false).setComplete({
  remote: { url: '', httpMethod: 'GET', cache: { maxAge: 60_000 }, httpErrorHandler: () => undefined },
});

export default function PromQLEditor({ value, label, problem, onChange, onRun }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const handlers = useRef({ onChange, onRun });
  useEffect(() => {
    handlers.current = { onChange, onRun };
  });
  const initial = useRef({ value, label });
  useEffect(() => {
    if (!host.current) return undefined;
    const run = (): boolean => {
      handlers.current.onRun();
      return true;
    };
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: initial.current.value,
        extensions: [
          history(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false, activateOnTypingDelay: 80 }),
          promql.asExtension(),
          syntaxHighlighting(highlight),
          EditorView.lineWrapping,
          placeholder('Expression, e.g. sum by (job) (rate(http_requests_total[5m]))'),
          EditorView.contentAttributes.of({ 'aria-label': initial.current.label }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap]),
          Prec.high(
            keymap.of([
              { key: 'Shift-Enter', run: insertNewline },
              { key: 'Mod-Enter', run },
              { key: 'Escape', run: blur },
            ]),
          ),
          keymap.of([{ key: 'Enter', run }, ...historyKeymap, ...defaultKeymap]),
          EditorView.updateListener.of(
            (update) => update.docChanged && handlers.current.onChange(update.state.doc.toString()),
          ),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const editor = view.current;
    if (editor)
      editor.dispatch(
        setDiagnostics(
          editor.state,
          problem ? [{ ...rangeOf(editor.state, problem), severity: 'error', message: problem.message }] : [],
        ),
      );
  }, [problem]);
  return <div className="promql" data-testid="promql-editor" data-state={problem ? 'error' : 'ok'} ref={host} />;
}

/** The word at the position, or its last character when the position is past the end. */
function rangeOf(state: EditorState, { line, column }: ErrorPosition): { from: number; to: number } {
  const text = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
  const from = Math.min(text.from + Math.max(0, column - 1), text.to);
  const word = /^[\w:.]+/.exec(text.text.slice(from - text.from))?.[0].length ?? 1;
  return from >= text.to
    ? { from: Math.max(text.from, text.to - 1), to: text.to }
    : { from, to: Math.min(from + word, text.to) };
}

const blur = (view: EditorView): boolean => {
  view.contentDOM.blur();
  return true;
};
