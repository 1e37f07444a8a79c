import { describe, expect, test } from 'vitest';
import { barColumn, columnTitle, commandOf, fullBar, humanize } from './words';

test.each([
  ['pathSeconds', 'Path'],
  ['thatFailed', 'That failed'],
  ['longer-than', 'Longer than'],
  ['lastGoodCommit', 'Last good commit'],
])('%s reads %s', (name, title) => expect(humanize(name)).toBe(title));

test('some columns have better names', () => expect(columnTitle('p95Seconds')).toBe('95 % within'));

describe('the command line', () => {
  test('holds what is set', () =>
    expect(commandOf('longest', { 'longer-than': '10m', pipeline: 'shop' })).toBe(
      'flyball query runs longest --longer-than 10m --pipeline shop',
    ));
  test('quotes what a shell would take for its own', () =>
    expect(commandOf('branches', { this: "it's; rm" })).toBe(`flyball query runs branches --this 'it'\\''s; rm'`));
});

test('bars show the first column that measures something', () =>
  expect(
    barColumn([
      { name: 'pipeline', kind: 'text' },
      { name: 'share', kind: 'share' },
    ]),
  ).toBe('share'));

test('a share is a part of one, anything else a part of the greatest', () => {
  const rows = [{ share: 0.2, s: 4 }, { s: 8 }];
  expect([fullBar(rows, 'share', 'share'), fullBar(rows, 's', 'seconds')]).toEqual([1, 8]);
});
