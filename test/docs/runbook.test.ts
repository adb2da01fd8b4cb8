import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type LogEvent, logEvents } from '../../functions/platform/log-events.ts';
import { functionNames } from '../../infra/build-bundles.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

/** How a deployment, or the version before, gets past an alarm that is on. */
const pastAlarms = '(upgrades.md#while-an-alarm-is-on)';

const runbook = read('docs/runbook.md');
const events = Object.keys(logEvents) as LogEvent[];

/** What a section of an alarm says under **Look** or **Do**, by the section's heading. */
const entriesOf = (part: 'Look' | 'Do'): ReadonlyMap<string, string> => {
  const sections = runbook.split(/^### /m).slice(1);
  return new Map(
    sections.flatMap((section) => {
      const text = new RegExp(`^- \\*\\*${part}\\*\\* (.*)$`, 'm').exec(section)?.[1];
      return text === undefined ? [] : [[section.split('\n', 1)[0] ?? '', text] as const];
    }),
  );
};

/** The functions whose own code logs an event. */
const emittersOf = (event: string): readonly string[] =>
  functionNames.filter((name) =>
    globSync(`functions/${name}/**/*.ts`, { cwd: root }).some((file) => read(file).includes(`.log('${event}'`)),
  );

/** `FailedRequests` as `Failed requests`. */
const toHeading = (name: string): string => name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const eventsIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name = '']) => name);

test('every event that wants somebody has a line in the runbook', () => {
  const named = new Set(eventsIn(runbook));
  expect(events.filter((event) => logEvents[event].level !== 'info' && !named.has(event))).toEqual([]);
});

describe('an alarm', () => {
  // Those on imports mean the importer's lines alone, also of events that others log too.
  const sentences = [...entriesOf('Look')]
    .filter(([heading]) => !heading.startsWith('Import'))
    .flatMap(([heading, text]) => text.split(/[.?;] /).map((sentence) => [heading, sentence] as const))
    .filter(([, sentence]) => /'s log group|log groups of/.test(sentence) && eventsIn(sentence).length > 0);

  test.each(sentences)('%s sends to the log group of every function that logs it: %s', (_heading, sentence) => {
    const logging = eventsIn(sentence).flatMap(emittersOf);
    expect(logging.filter((name) => !sentence.includes(name))).toEqual([]);
  });

  test('that stops a deployment says how the one that mends it is got past it', () => {
    const groups = read('infra/resources/deployments.yml');
    const watched = [...groups.matchAll(/Name: !Ref (\w+)Alarm\b/g)].map(([, name = '']) => name);
    // An error of a new version is one of the function's.
    const headings = watched.map((name) => name.replace('VersionErrors', 'Errors')).map(toHeading);
    expect(headings).toContain('Api errors');
    const dos = entriesOf('Do');
    expect([...new Set(headings)].filter((heading) => !dos.get(heading)?.includes(pastAlarms))).toEqual([]);
  });

  test('never says to roll back, or to give a function more memory, without saying how', () => {
    const bare = [...entriesOf('Do')].filter(([, text]) => /roll(ed)? (it )?back|memorySize/.test(text));
    expect(bare.filter(([, text]) => !text.includes(pastAlarms)).map(([heading]) => heading)).toEqual([]);
  });
});
