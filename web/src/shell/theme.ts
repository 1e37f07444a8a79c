import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';

const storageKey = 'flyball.theme'; // public/theme.js reads it before the first paint
const listeners = new Set<() => void>();

function current(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  try {
    if (theme === 'system') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, theme);
  } catch {
    // Storage is off: the choice lasts for this page.
  }
  for (const listener of listeners) listener();
}

export function nextTheme(): void {
  setTheme(({ system: 'light', light: 'dark', dark: 'system' } as const)[current()]);
}

function subscribe(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  listeners.add(listener);
  system.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener('change', listener);
  };
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, current);

/** Whether the page is dark right now: what a canvas needs to know. */
export const useDark = (): boolean =>
  useSyncExternalStore(subscribe, () =>
    current() === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : current() === 'dark',
  );
