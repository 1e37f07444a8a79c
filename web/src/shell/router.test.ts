import { expect, test } from 'vitest';
import { filterOf, isFiltered, statusOf } from '../runs/filter';
import { patchSearch, pathUnder, toUrl } from './router';

test.each([
  ['/runs', '/runs', []],
  ['/runs/8f0c', '/runs', ['8f0c']],
  ['/runs/', '/runs', []],
  ['/runsaway', '/runs', undefined],
  ['/alerts/rules', '/alerts', ['rules']],
  ['/runs/a%2Fb', '/runs', ['a/b']],
])('%s under %s', (path, prefix, rest) => expect(pathUnder(prefix, path)).toEqual(rest));

test('a patch sets, replaces, repeats and removes parameters and leaves the others', () => {
  const before = new URLSearchParams('a=1&b=2&q=x');
  expect(patchSearch(before, { a: undefined, b: '3', c: '', q: ['y', 'z'] }).toString()).toBe('b=3&q=y&q=z');
  expect(before.toString()).toBe('a=1&b=2&q=x');
});

test('an address without parameters has no question mark', () =>
  expect(toUrl('/runs', new URLSearchParams())).toBe('/runs'));

test('the status of the list becomes what the server filters by', () => {
  expect(filterOf(new URLSearchParams('status=failed&branch=main'))).toEqual({ result: 'failure', branch: 'main' });
  expect(filterOf(new URLSearchParams('status=running'))).toEqual({ state: 'executing' });
});

test('an unknown status is all of them, blanks are no filter', () => {
  expect(statusOf(new URLSearchParams('status=purple'))).toBe('all');
  expect(isFiltered(new URLSearchParams('status=purple&pipeline=%20'))).toBe(false);
});
