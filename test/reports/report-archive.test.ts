import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Entry, fromBufferPromise } from 'yauzl';
import { createReportArchive, type ReportContent } from '../../functions/reports/report-archive.ts';

const content: ReportContent = {
  reportName: 'PatientsUsageReport',
  reportTime: Date.UTC(2026, 3, 16, 11, 46, 4, 242),
  parameters: [{ name: 'anonymization', valueString: 'None' }],
  provenance: { dataCutOff: '2026-04-16T09:00:00+02:00', place: 'Ærø' },
  entries: [{ path: 'PatientsUsageSummary/PatientsUsageSummary', content: { monthData: [], yearData: [] } }],
};
const folder = 'PatientsUsageReport_2026_04_16_11_46_04';
const headerText =
  '{"reportName":"PatientsUsageReport","reportTime":"2026-04-16T11:46:04.242Z",' +
  '"parameters":{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None"}]},' +
  '"provenance":{"dataCutOff":"2026-04-16T09:00:00+02:00","place":"Ærø"}}';
const summaryText = '{"monthData":[],"yearData":[]}';

interface ReadEntry {
  readonly name: string;
  readonly text: string;
  readonly entry: Entry;
}

/** Read by yauzl, which shares no code with fflate and checks sizes and CRCs. */
const readArchive = async (bytes: Uint8Array): Promise<ReadEntry[]> => {
  const zip = await fromBufferPromise(Buffer.from(bytes), { strictFileNames: true, validateEntrySizes: true });
  const entries: ReadEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    entries.push({ name: entry.fileName, text: Buffer.concat(chunks).toString(), entry });
  }
  return entries;
};

describe('the archive of a finished report, read by an independent reader', () => {
  test('has the header first, then the report’s entries, all in one folder, as compact JSON', async () => {
    const entries = await readArchive(createReportArchive(content));
    expect(entries.map(({ name, text }) => [name, text])).toEqual([
      [`${folder}/ReportHeader`, headerText],
      [`${folder}/PatientsUsageSummary/PatientsUsageSummary`, summaryText],
    ]);
  });

  test('is deflated, without extra fields, comments or directory entries', async () => {
    for (const { entry } of await readArchive(createReportArchive(content))) {
      expect(entry).toMatchObject({ compressionMethod: 8, extraFieldLength: 0, fileCommentLength: 0 });
      expect(entry.fileName.endsWith('/')).toBe(false);
    }
  });

  test.each([
    [Date.UTC(2026, 3, 16, 11, 46, 4, 242), '2026-04-16T11:46:04.000Z'],
    [Date.UTC(2025, 11, 31, 23, 59, 59, 999), '2025-12-31T23:59:58.000Z'],
    [Date.UTC(1980, 0, 1), '1980-01-01T00:00:00.000Z'],
    [Date.UTC(2099, 1, 28, 12, 1, 2), '2099-02-28T12:01:02.000Z'],
  ])(
    'carries the report time in UTC, in steps of two seconds, in both of its directories: %i',
    async (reportTime, stamp) => {
      const bytes = createReportArchive({ ...content, reportTime });
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (const { entry } of await readArchive(bytes)) {
        expect(entry.getLastModDate({ timezone: 'UTC' }).toISOString()).toBe(stamp);
        const local = view.getUint32(entry.relativeOffsetOfLocalHeader + 10, true);
        expect(local).toBe(((entry.lastModFileDate << 16) | entry.lastModFileTime) >>> 0);
      }
    },
  );

  test('unpacks to its name', async () => {
    const [first] = await readArchive(createReportArchive({ ...content, reportTime: Date.UTC(2026, 0, 2, 3, 4, 5) }));
    expect(first?.name).toBe('PatientsUsageReport_2026_01_02_03_04_05/ReportHeader');
    expect(first?.text).toContain('"reportTime":"2026-01-02T03:04:05.000Z"');
  });
});

test('a time that ZIP cannot hold is refused', () => {
  expect(() => createReportArchive({ ...content, reportTime: Date.UTC(1979, 11, 31) })).toThrow(RangeError);
  expect(() => createReportArchive({ ...content, reportTime: Number.NaN })).toThrow(RangeError);
});

describe('equal input gives equal bytes', () => {
  test('on every machine: the bytes are those recorded here', () => {
    const monthData = Array.from({ length: 300 }, (_, at) => ({ month: String(at), count: (at * 7919) % 10_007 }));
    const entries = [{ path: 'PatientsUsageSummary/PatientsUsageSummary', content: { monthData } }];
    const bytes = createReportArchive({ ...content, entries });
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      '79f7611b2a27f912a633735f87b1db850f93bb5484b311f4415e2478f5937451',
    );
  });

  // 2025-03-30 02:30 does not exist in Copenhagen, nor 2018-11-04 00:30 in São Paulo, nor the whole of 2011-12-30 in Apia.
  test.each(['UTC', 'Europe/Copenhagen', 'America/Sao_Paulo', 'Pacific/Apia', 'America/St_Johns'])(
    'in a process whose time zone is %s, also in a gap of its clock',
    (timeZone) => {
      const times = [Date.UTC(2025, 2, 30, 2, 30), Date.UTC(2018, 10, 4, 0, 30), Date.UTC(2011, 11, 30, 12)];
      const script = `
        const { createReportArchive } = await import(${JSON.stringify(archiveModule)});
        const contents = JSON.parse(process.argv[1]);
        const archives = contents.map((content) => Buffer.from(createReportArchive(content)).toString('base64'));
        process.stdout.write(JSON.stringify({ zone: Intl.DateTimeFormat().resolvedOptions().timeZone, archives }));`;
      const contents = times.map((reportTime) => ({ ...content, reportTime }));
      const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(contents)], {
        env: { ...process.env, TZ: timeZone, NODE_OPTIONS: '' },
        encoding: 'utf8',
      });
      const { zone, archives } = JSON.parse(output);
      expect(zone).toBe(timeZone);
      const own = contents.map((one) => Buffer.from(createReportArchive(one)).toString('base64'));
      expect(archives).toEqual(own);
    },
  );
});

const archiveModule = new URL('../../functions/reports/report-archive.ts', import.meta.url).href;

describe('tools that users unpack with', () => {
  let directory = '';
  let file = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'archive-'));
    file = join(directory, 'report.zip');
    writeFileSync(file, createReportArchive(content));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const runs = (command: string, args: readonly string[]): boolean => {
    try {
      execFileSync(command, args, { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };

  // yauzl above always reads the archive; these two are tried where the machine has them.
  test.runIf(runs('unzip', ['-v']))('unzip accepts it', () => {
    const output = execFileSync('unzip', ['-t', file], { encoding: 'utf8' });
    expect(output).toContain('No errors detected');
    expect(execFileSync('unzip', ['-p', file, `${folder}/ReportHeader`], { encoding: 'utf8' })).toBe(headerText);
  });

  test.runIf(runs('python3', ['-c', 'import zipfile']))('python accepts it', () => {
    const script =
      'import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(z.testzip(),[str(i.date_time) for i in z.infolist()])';
    const stamp = "'(2026, 4, 16, 11, 46, 4)'";
    const output = execFileSync('python3', ['-c', script, file], { encoding: 'utf8' });
    expect(output.trim().replaceAll('"', "'")).toBe(`None [${stamp}, ${stamp}]`);
  });
});
