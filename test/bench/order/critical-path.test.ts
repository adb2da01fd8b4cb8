import { expect, test } from 'vitest';
import { findCriticalPath } from '../../../bench/order/critical-path.ts';

const call = (name: string, came: number, latency: number, answered = came + latency) => ({
  name,
  came,
  answered,
  latency,
});

test('calls one after the other add up, those side by side count by the longest', () => {
  const calls = [call('a', 0, 5), call('b', 6, 5), call('c', 12, 8), call('d', 12, 10), call('pace', 0, 5)];
  expect(findCriticalPath(calls)).toMatchObject({ calls: ['a', 'b', 'd'], latency: 20 });
});
test('a long call beside short ones is the path when it takes longer than they do together', () => {
  expect(findCriticalPath([call('a', 0, 5), call('long', 0, 22), call('b', 6, 5)])).toMatchObject({ calls: ['long'] });
});
test('a call that came before another was answered does not follow it, however late that was', () => {
  expect(findCriticalPath([call('a', 0, 5, 9), call('b', 8, 5)])).toMatchObject({ latency: 5 });
});
test('no calls are no path', () => {
  expect(findCriticalPath([])).toEqual({ calls: [], latency: 0 });
});
