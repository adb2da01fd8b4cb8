import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineGate } from '../../functions/imports/line-gate.ts';

const episode = '{"resourceType":"EpisodeOfCare"}';

const pass = (text: string, size: number, lineBytes = 1000, isBeginning = true) => {
  const gate = createLineGate(lineBytes, isBeginning);
  const bytes = Buffer.from(text);
  const out = { stored: '', taken: 0, lines: 0 };
  const keep = (block: ReturnType<typeof gate.push>) => {
    if (block === undefined) return;
    out.stored += Buffer.from(block.bytes).toString();
    out.taken += block.taken.length;
    out.lines += block.lines;
  };
  for (let at = 0; at < bytes.length; at += size) keep(gate.push(bytes.subarray(at, at + size)));
  keep(gate.end());
  return out;
};

describe('the lines of a file', () => {
  test('come through whole and counted, wherever chunks end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(episode, '', '  ', `${episode}\r`, '\t{"a":"}{"} '), { maxLength: 12 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        (lines, isEnded, size) => {
          const text = [episode, ...lines].join('\n') + (isEnded ? '\n' : '');
          const { stored, taken, lines: count } = pass(text, size);
          expect(stored).toBe(isEnded || text.endsWith('\n') ? text : `${text}\n`);
          expect(taken).toBe(Buffer.byteLength(text));
          expect(count).toBe(text.split('\n').filter((line) => line.trim() !== '').length);
        },
      ),
    );
  });

  test('begin behind a byte order mark, which is taken and not stored', () => {
    const { stored, taken } = pass(`\ufeff${episode}\n`, 5);
    expect([stored, taken]).toEqual([`${episode}\n`, Buffer.byteLength(episode) + 4]);
  });

  test.each([
    ['<html>\n', 'FILE_UNUSABLE: a line is not a JSON object.'],
    [`${episode}\n[1]\n`, 'FILE_UNUSABLE: a line is not a JSON object.'],
    [`${episode}\n{"a":`, 'FILE_INCOMPLETE: the last line is cut off.'],
    [
      `${episode}\n{"resourceType":"EpisodeOfCare","period":{"start":"2026-01-01"}`,
      'FILE_INCOMPLETE: the last line is cut off.',
    ],
    ['{"resourceType":"Epi', 'FILE_INCOMPLETE: the last line is cut off.'],
    ['<html>', 'FILE_UNUSABLE: a line is not a JSON object.'],
    ['{"resourceType":"Patient"}\n', 'FILE_UNUSABLE: the first line is not an EpisodeOfCare in JSON.'],
    ['{nonsense}\n', 'FILE_UNUSABLE: the first line is not an EpisodeOfCare in JSON.'],
    [`${episode}\n{"x":"${'y'.repeat(1000)}"}\n`, 'TOO_LARGE: a line is longer than 1000 bytes.'],
    [`${episode}\n${' '.repeat(3000)}`, 'TOO_LARGE: a line is longer than 1000 bytes.'],
  ])('are refused in %j', (text, words) => {
    expect(() => pass(text, 9)).toThrow(words);
  });

  test('are not looked at for their resource where a file is gone on with', () => {
    expect(pass('{"any":1}\n', 3, 1000, false).lines).toBe(1);
  });
});
