import { readFileSync } from 'node:fs';

/** A file of `test/fixtures/` as text, by its path there. */
export const readFixtureText = (path: string): string =>
  readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8');

/** A JSON file of `test/fixtures/`, taken for what the caller says. */
export const readFixture = <Content>(path: string): Content => JSON.parse(readFixtureText(path)) as Content;
