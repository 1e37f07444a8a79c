import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from 'react';

/** The address bar as state: paths for places, parameters for what is shown there. */

const changed = 'flyball:navigate';

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(changed, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(changed, listener);
  };
}

const here = (): string => location.pathname + location.search;

export interface Place {
  path: string;
  search: URLSearchParams;
}

export function usePlace(): Place {
  const text = useSyncExternalStore(subscribe, here);
  const [path = '/', query = ''] = text.split('?');
  return { path, search: new URLSearchParams(query) };
}

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (to === here()) return;
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  window.dispatchEvent(new Event(changed));
}

export type SearchPatch = Record<string, string | string[] | undefined>;

/** The parameters with some of them set, or removed where the patch says undefined or nothing. */
export function patchSearch(search: URLSearchParams, patch: SearchPatch): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(patch)) {
    next.delete(name);
    for (const item of Array.isArray(value) ? value : [value]) if (item) next.append(name, item);
  }
  return next;
}

export function toUrl(path: string, search: URLSearchParams): string {
  return search.size ? `${path}?${search}` : path;
}

/** Changes parameters of the present place. Typing replaces the entry in the history, choosing adds one. */
export function setSearch(patch: SearchPatch, options: { replace?: boolean } = {}): void {
  navigate(toUrl(location.pathname, patchSearch(new URLSearchParams(location.search), patch)), options);
}

/** The rest of a path behind a prefix, as segments; undefined if the path is elsewhere. */
export function pathUnder(prefix: string, path: string): string[] | undefined {
  if (path !== prefix && !path.startsWith(`${prefix}/`)) return undefined;
  return path.slice(prefix.length).split('/').filter(Boolean).map(decodeURIComponent);
}

/** A link that stays inside the page; modified clicks and other buttons stay the browser's. */
export function Link({ to, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { to: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    event.preventDefault();
    navigate(to);
  };
  return <a href={to} onClick={follow} {...rest} />;
}
