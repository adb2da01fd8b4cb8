import { describe, expect, it, test } from 'vitest';
import { experiments } from '../../../bench/experiments.ts';
import gateFile from '../../../bench/gates.json' with { type: 'json' };
import { figure } from '../../../bench/harness/figure.ts';
import { type Gate, judge, readGates } from '../../../bench/harness/gates.ts';

const atMost: Gate = { name: 'time', direction: 'at-most', limit: 10, quickMargin: 2, about: 'it is fast' };
const atLeast: Gate = { name: 'speed', direction: 'at-least', limit: 10, quickMargin: 2, about: 'it is fast' };

const verdictOf = (gate: Gate, value: number, isQuick = false, doubt?: string) =>
  judge([figure(gate.name, 'ms', [value], doubt)], [gate], isQuick)[0]?.verdict;

describe('a gate', () => {
  it('is kept at its limit and missed beyond it', () => {
    expect([10, 10.1].map((value) => verdictOf(atMost, value))).toEqual(['kept', 'missed']);
    expect([10, 9.9].map((value) => verdictOf(atLeast, value))).toEqual(['kept', 'missed']);
  });

  it('is looser by its margin in a quick run', () => {
    expect([20, 20.1].map((value) => verdictOf(atMost, value, true))).toEqual(['kept', 'missed']);
    expect([5, 4.9].map((value) => verdictOf(atLeast, value, true))).toEqual(['kept', 'missed']);
  });

  it('judges the median', () => {
    expect(judge([figure('time', 'ms', [1, 9, 99])], [atMost], false)[0]?.verdict).toBe('kept');
  });

  it('without a margin does not judge a quick run, and needs no figure there', () => {
    const { quickMargin: _, ...gate } = atMost;
    expect(verdictOf(gate, 99, true)).toBe('unjudged');
    expect(verdictOf(gate, 99)).toBe('missed');
    expect(judge([], [gate], true)).toEqual([]);
  });

  it('does not judge a figure that is in doubt', () => {
    expect(verdictOf(atMost, 99, false, 'noise')).toBe('withheld');
  });

  it('without a figure is an error', () => {
    expect(() => judge([], [atMost, atLeast], false)).toThrow('gates without a figure: time, speed');
  });
});

test('a figure without a gate is told and not judged', () => {
  expect(judge([figure('size', 'B', [1])], [], false)).toMatchObject([{ verdict: 'unjudged', gate: undefined }]);
});

test('a gate that is not understood is named', () => {
  expect(() => readGates('order', { order: [{ ...atMost, limit: '10' }] })).toThrow(/gates.json.*order\.0\.limit/);
  expect(() => readGates('order', { order: [{ ...atMost, margin: 2 }] })).toThrow(/order\.0\.margin/);
});

test('the gates of an experiment are its own', () => {
  expect(readGates('order', { order: [atMost], cold: [atLeast] })).toEqual([atMost]);
  expect(readGates('soak', { order: [atMost] })).toEqual([]);
});

test('every entry of bench/gates.json can be read, and belongs to an experiment', () => {
  for (const name of Object.keys(gateFile)) {
    expect(Object.keys(experiments)).toContain(name);
    expect(readGates(name).length).toBeGreaterThan(0);
  }
});
