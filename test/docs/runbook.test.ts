import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type LogEvent, logEvents } from '../../functions/platform/log-events.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const events = Object.keys(logEvents) as LogEvent[];

test('every event that wants somebody has a line in the runbook', () => {
  const named = new Set([...runbook.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name]) => name));
  expect(events.filter((event) => logEvents[event].level !== 'info' && !named.has(event))).toEqual([]);
});
