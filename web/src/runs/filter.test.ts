import { describe, expect, test } from 'vitest';
import { filterOf, isFiltered, orderOf, orderParameters, sortedBy } from './filter';

const at = (query: string): URLSearchParams => new URLSearchParams(query);

describe('the filter in the address', () => {
  test.each([
    ['', {}],
    ['status=failed&system=gitlab', { result: 'failure', system: 'gitlab' }],
    ['status=unheard-of', {}],
    ['search=refund+main&commit=9d5', { search: 'refund main', commit: '9d5' }],
    ['branch=+', {}],
  ])('%s', (query, filter) => expect(filterOf(at(query))).toEqual(filter));

  test('an order is no filter', () => expect(isFiltered(at('sort=duration&order=asc'))).toBe(false));
});

describe('the order in the address', () => {
  test('the newest first needs no saying', () => expect(orderParameters(orderOf(at('')))).toEqual({}));
  test('a column chosen twice turns round, thrice is as once', () => {
    const once = sortedBy(orderOf(at('')), 'duration');
    const twice = sortedBy(orderOf(at('sort=duration')), 'duration');
    const thrice = sortedBy(orderOf(at('sort=duration&order=asc')), 'duration');
    expect([once.order, twice.order, thrice.order]).toEqual([undefined, 'asc', undefined]);
  });
  test('choosing when a run began, while it is the order, shows the oldest', () =>
    expect(sortedBy(orderOf(at('')), 'began')).toEqual({ sort: undefined, order: 'asc' }));
  test('the API is asked in its own words', () =>
    expect(orderParameters(orderOf(at('sort=queue')))).toEqual({ sort: 'queue', order: 'desc' }));
});
