import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewline } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { EditorState, Prec, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, keymap, placeholder, type DecorationSet } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import { useEffect, useRef } from 'react';
import type { TextRange } from './plan';

/** Something to underline, with what to say about it: where a line and column stand, or over a range of the text. */
export interface Mark {
  severity: 'error' | 'warning' | 'info';
  message: string;
  line?: number;
  column?: number;
  at?: TextRange;
}

interface Props {
  value: string;
  label: string;
  marks: Mark[];
  /** A part to bring out. */
  pointed: TextRange | undefined;
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

const pointAt = StateEffect.define<TextRange | undefined>();
const pointedPart = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (before, change) =>
    change.effects.reduce((now, effect) => {
      if (!effect.is(pointAt)) return now;
      const to = Math.min(effect.value?.to ?? 0, change.newDoc.length);
      return effect.value && effect.value.from < to
        ? Decoration.set(Decoration.mark({ class: 'cm-pointed' }).range(effect.value.from, to))
        : Decoration.none;
    }, before.map(change.changes)),
  provide: (field) => EditorView.decorations.from(field),
});

/** One client for every editor, so that names are asked for once. The server's parser is the judge: no second linter here. */
const promql = new PromQLExtension().activateLinter(false).setComplete({
  remote: { url: '', httpMethod: 'GET', cache: { maxAge: 60_000 }, httpErrorHandler: () => undefined },
});

export default function PromQLEditor({ value, label, marks, pointed, onChange, onRun }: Props) {
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
          pointedPart,
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
    if (!editor) return;
    const diagnostics = marks.map((mark) => ({
      ...rangeOf(editor.state, mark),
      severity: mark.severity,
      message: mark.message,
    }));
    editor.dispatch(
      setDiagnostics(
        editor.state,
        diagnostics.sort((a, b) => a.from - b.from),
      ),
    );
  }, [marks]);
  useEffect(() => view.current?.dispatch({ effects: pointAt.of(pointed) }), [pointed?.from, pointed?.to]);
  const worst = marks.some((mark) => mark.severity === 'error') ? 'error' : 'ok';
  return <div className="promql" data-testid="promql-editor" data-state={worst} ref={host} />;
}

/** The range of a mark; of a position the word there, or the last character when it is past the end. */
function rangeOf(state: EditorState, { line = 1, column = 1, at }: Mark): TextRange {
  if (at) return { from: Math.min(at.from, state.doc.length), to: Math.min(at.to, state.doc.length) };
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
