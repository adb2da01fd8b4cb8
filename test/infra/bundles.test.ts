import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logEvents } from '../../functions/platform/log-events.ts';
import { type Bundle, buildBundle, type FunctionName, functionNames } from '../../infra/build-bundles.ts';
import { hashCountingCode } from '../../infra/hash-counting-code.ts';

let folder: string;
let bundles: Record<string, Bundle>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundles-'));
  const built = await Promise.all(functionNames.map((name) => buildBundle(name, folder)));
  bundles = Object.fromEntries(built.map((bundle) => [bundle.name, bundle]));
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

const nowhere = 'http://127.0.0.1:9';
const settings = {
  STAGE: 'test',
  JOBS_TABLE: 'jobs',
  TENANTS_TABLE: 'tenants',
  CONTENT_BUCKET: 'content',
  DATA_BUCKET: 'data',
  REPORT_QUEUE_URL: `${nowhere}/0/queue`,
  DEAD_LETTER_QUEUE_URL: `${nowhere}/0/dead-letters`,
  IMPORTS_TABLE: 'imports',
  IMPORT_QUEUE_URL: `${nowhere}/0/imports`,
  IMPORT_SECRETS_PREFIX: '/test/imports',
  AUDIT_LOG_GROUP: 'audit',
  AUDIT_LOG_STREAM: 'api',
  BASE_URL: 'https://reporting.test/fhir',
};
const sdk = {
  AWS_REGION: 'eu-north-1',
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_ENDPOINT_URL: nowhere,
};

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Imports a packaged handler in a process of its own, as Lambda does, and goes on with a program. */
const run = (name: FunctionName, program: string, environment: Record<string, string>): Promise<Outcome> => {
  const whole = `const { handler } = await import(${JSON.stringify(join(folder, name, 'handler.mjs'))});${program}`;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '--eval', whole],
      { env: environment },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
};

/** Calls a packaged handler once. */
const invoke = (name: FunctionName, event: unknown, environment: Record<string, string>): Promise<Outcome> => {
  const context = '{ getRemainingTimeInMillis: () => 20000 }';
  const program = `
    const result = await handler(${JSON.stringify(event)}, ${context});
    process.stdout.write('RESULT ' + JSON.stringify(result));
    process.exit(0);`;
  return run(name, program, environment);
};

const loadedModules = "process.stdout.write('RESULT ' + JSON.stringify(process.moduleLoadList));";

const resultOf = ({ stdout, stderr }: Outcome): unknown => {
  const [, json] = stdout.split('RESULT ');
  if (json === undefined) throw new Error(`no result: ${stdout}${stderr}`);
  return JSON.parse(json);
};

describe('the packaged api', () => {
  it('answers a request without a token 401', async () => {
    const event = {
      version: '2.0',
      rawPath: '/fhir/Binary/1',
      headers: {},
      requestContext: { stage: '$default', http: { method: 'GET' } },
    };
    expect(resultOf(await invoke('api', event, { ...settings, ...sdk }))).toMatchObject({
      statusCode: 401,
      headers: {
        'content-type': 'application/fhir+json; charset=UTF-8',
        'www-authenticate': expect.stringContaining('Bearer'),
      },
    });
  });
});

describe('the packaged api, with every service down', () => {
  it('starts, and says what it could not do at init', async () => {
    const { code, stdout } = await run('api', 'process.exit(0)', { ...settings, ...sdk });
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.find(({ event }) => event === 'WARM_UP_INCOMPLETE')).toMatchObject({
      missing: 'issuers sqs cloudwatch-logs',
    });
  });
});

describe('the packaged worker', () => {
  it('hands back a message that it cannot read', async () => {
    const event = { Records: [{ messageId: 'one', body: 'not a job' }] };
    expect(resultOf(await invoke('worker', event, { ...settings, ...sdk }))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'one' }],
    });
  });
});

describe('the packaged api and worker', () => {
  it('I10: find what is kept of a report by the same code that counts, known by its sources', async () => {
    const codes = await Promise.all(
      (['api', 'worker'] as const).map((name) => readFile(join(folder, name, 'handler.mjs'), 'utf8')),
    );
    const hash = hashCountingCode(fileURLToPath(new URL('../..', import.meta.url)));
    expect(codes.map((code) => [code.includes(`"${hash}"`), code.includes('not bundled')])).toEqual([
      [true, false],
      [true, false],
    ]);
  });
});

describe('the packaged dispatcher', () => {
  it('looks at the open jobs, and fails when there is no table', async () => {
    const { code, stderr } = await invoke('dispatcher', {}, { ...settings, ...sdk });
    expect(code).not.toBe(0);
    expect(stderr).toContain('GENERAL_DEPENDENCY_UNAVAILABLE');
  });
});

describe('the packaged cleaner', () => {
  it('looks at the bucket, and fails when there is none', async () => {
    const { code, stderr } = await invoke('cleaner', {}, { ...settings, ...sdk });
    expect(code).not.toBe(0);
    expect(stderr).toContain('GENERAL_DEPENDENCY_UNAVAILABLE');
  });
});

describe('the packaged importer', () => {
  it('hands back a message that it cannot read', async () => {
    const event = { Records: [{ messageId: 'one', body: 'not an import' }] };
    expect(resultOf(await invoke('importer', event, { ...settings, ...sdk }))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'one' }],
    });
  });

  it('looks for imports that are due, and fails when there is no table', async () => {
    const { code, stderr } = await invoke('importer', {}, { ...settings, ...sdk });
    expect(code).not.toBe(0);
    expect(stderr).toContain('GENERAL_DEPENDENCY_UNAVAILABLE');
  });
});

describe('the packaged auditor', () => {
  it('looks at the table, and fails when there is none', async () => {
    const { code, stderr } = await invoke('auditor', {}, { ...settings, ...sdk });
    expect(code).not.toBe(0);
    expect(stderr).toContain('GENERAL_DEPENDENCY_UNAVAILABLE');
  });
});

describe.each(functionNames)('the bundle of %s', (name) => {
  it('A57: fails at init without its settings, and names them', async () => {
    const { code, stderr } = await invoke(name, {}, sdk);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`${name === 'importer' ? 'IMPORTS' : 'JOBS'}_TABLE: is missing`);
  });

  it('is the only file in its zip, readable to Lambda; the source map stays outside', async () => {
    const zip = await readFile(join(folder, `${name}.zip`));
    const handler = await readFile(join(folder, name, 'handler.mjs'));
    const entries = unzipSync(zip);
    expect(Object.keys(entries)).toEqual(['handler.mjs']);
    expect(Buffer.from(entries['handler.mjs'] ?? []).equals(handler)).toBe(true);
    // Mode 0644 in the upper half of the external attributes (APPNOTE 4.4.15), at offset 38 of the central directory's entry.
    const central = zip.indexOf(Buffer.from('PK\u0001\u0002'));
    expect(zip.readUInt32LE(central + 38) >>> 16).toBe(0o100644);
    expect(handler.toString()).not.toContain('sourceMappingURL');
    expect((await readFile(join(folder, 'maps', `${name}.mjs.map`))).length).toBeGreaterThan(0);
  });

  it('has at most 150 kB zipped', () => {
    expect(bundles[name]?.zipBytes).toBeLessThan(150_000);
  });

  it('loads no undici, which no call needs', async () => {
    const loaded = resultOf(await run(name, loadedModules, { ...settings, ...sdk })) as readonly string[];
    expect(loaded.filter((one) => one.includes('undici'))).toEqual([]);
    expect(loaded).toContain('NativeModule https');
  });

  it('knows every event that it logs, and not those that others log', async () => {
    const code = await readFile(join(folder, name, 'handler.mjs'), 'utf8');
    const logged = [...code.matchAll(/\.log\("([A-Z_]+)"/g)].map(([, event]) => event);
    const known = new Set([...code.matchAll(/\b([A-Z_]+):\{level:"/g)].map(([, event]) => event));
    expect(logged.filter((event) => !known.has(event))).toEqual([]);
    expect(known.size).toBeGreaterThan(1);
    expect(known.size).toBeLessThan(Object.keys(logEvents).length / 2);
  });

  it('has none of the providers of credentials that Lambda has no use for', async () => {
    const origins = bundles[name]?.contributors.map(([origin]) => origin) ?? [];
    expect(origins.filter((origin) => /credential-provider/.test(origin))).toEqual([
      '@aws-sdk/credential-provider-env',
    ]);
  });

  it('is the same to the byte when nothing has changed', async () => {
    const other = await mkdtemp(join(tmpdir(), 'bundles-again-'));
    await buildBundle(name, other);
    const [one, again] = await Promise.all([
      readFile(join(folder, `${name}.zip`)),
      readFile(join(other, `${name}.zip`)),
    ]);
    expect(again.equals(one)).toBe(true);
    await rm(other, { recursive: true });
  });

  it('contains nothing of what only runs on a laptop', async () => {
    const code = await readFile(join(folder, name, 'handler.mjs'), 'utf8');
    expect(code).not.toMatch(/dynalite|fauxqs|selfsigned|serverless-reporting-local/);
  });
});
