import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashCountingCode } from '../../infra/hash-counting-code.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'counting-code-'));
  for (const folder of ['functions/episodes', 'functions/reports']) {
    cpSync(join(project, folder), join(root, folder), { recursive: true });
  }
});
afterEach(() => rmSync(root, { recursive: true }));

test('equal sources have one hash, wherever they lie', () => {
  expect(hashCountingCode(root)).toMatch(/^[0-9a-f]{64}$/);
  expect(hashCountingCode(root)).toBe(hashCountingCode(project));
});

test.each([
  ['how a line is read', () => appendFileSync(join(root, 'functions/episodes/scan-episode.ts'), ' ')],
  [
    'how months are counted',
    () => appendFileSync(join(root, 'functions/reports/patient-usage-stats/count-months.ts'), ' '),
  ],
  ['a source that is new', () => writeFileSync(join(root, 'functions/reports/another.ts'), '')],
  [
    'a source that has another name',
    () => renameSync(join(root, 'functions/episodes/calendar.ts'), join(root, 'functions/episodes/calendars.ts')),
  ],
  [
    'a line that went from one source to the next',
    () => {
      const [one, next] = ['byte-arena.ts', 'byte-index.ts'].map((file) => join(root, 'functions/episodes', file));
      const text = readFileSync(one ?? '', 'utf8');
      writeFileSync(one ?? '', text.slice(0, -10));
      writeFileSync(next ?? '', text.slice(-10) + readFileSync(next ?? '', 'utf8'));
    },
  ],
])('another one has %s', (_, change) => {
  change();
  expect(hashCountingCode(root)).not.toBe(hashCountingCode(project));
});

test('code that counts nothing does not matter', () => {
  mkdirSync(join(root, 'functions/api'));
  writeFileSync(join(root, 'functions/api/another.ts'), '');
  writeFileSync(join(root, 'functions/reports/notes.md'), '');
  expect(hashCountingCode(root)).toBe(hashCountingCode(project));
});
