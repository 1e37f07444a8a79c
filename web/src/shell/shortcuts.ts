import { useEffect, useRef } from 'react';
import { navigate } from './router';
import { nextTheme } from './theme';

/** Every place in the navigation, its path and the key that follows `g`. */
export const places = [
  { name: 'Runs', path: '/runs', key: 'r', icon: 'runs' },
  { name: 'Questions', path: '/questions', key: 'q', icon: 'question' },
  { name: 'Tests', path: '/tests', key: 's', icon: 'test' },
  { name: 'Explore', path: '/explore', key: 'e', icon: 'explore' },
  { name: 'Alerts', path: '/alerts', key: 'a', icon: 'alert' },
  { name: 'Actions', path: '/actions', key: 'c', icon: 'action' },
  { name: 'Journal', path: '/journal', key: 'j', icon: 'journal' },
  { name: 'Targets', path: '/targets', key: 't', icon: 'target' },
] as const;

export const shortcutHelp: { title: string; keys: [string, string][] }[] = [
  { title: 'Go to', keys: places.map((place) => [`g ${place.key}`, place.name]) },
  {
    title: 'Lists',
    keys: [
      ['j / k', 'next, previous row'],
      ['Enter', 'open the row'],
      ['Esc', 'close the details'],
      ['/', 'to the filter'],
    ],
  },
  {
    title: 'Waterfall',
    keys: [
      ['+ / −', 'zoom in, out'],
      ['← / →', 'collapse, expand a row'],
      ['Shift ← / →', 'move in time'],
      ['0', 'the whole run'],
    ],
  },
  {
    title: 'Explore',
    keys: [
      ['Enter', 'run the query'],
      ['Shift Enter', 'new line'],
      ['Ctrl Space', 'complete'],
    ],
  },
  {
    title: 'Anywhere',
    keys: [
      ['d', 'light, dark or system'],
      ['?', 'this help'],
    ],
  },
];

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Moves the focus among the rows of the page's list. */
export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')];
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** Installs the shortcuts that work on every page. */
export function useShortcuts(openHelp: () => void): void {
  const afterG = useRef(-Infinity);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      const sequence = event.timeStamp - afterG.current < 1_200;
      afterG.current = -Infinity;
      const place = sequence ? places.find((candidate) => candidate.key === event.key) : undefined;
      if (place) navigate(place.path);
      else if (event.key === 'g') afterG.current = event.timeStamp;
      else if (event.key === 'j') moveRow(1);
      else if (event.key === 'k') moveRow(-1);
      else if (event.key === 'd') nextTheme();
      else if (event.key === '?') openHelp();
      else if (event.key === '/') document.querySelector<HTMLElement>('main [data-filter]')?.focus();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [openHelp]);
}
