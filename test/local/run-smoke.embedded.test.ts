import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSmoke } from '../../local/run-smoke.ts';
import { loadSample } from '../../local/sample-tenants.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { registerToken, watch } from '../support/leak-watch.ts';

const within = 20_000;
let service: Embedded;
const tenants = {
  demo: { issuer: 'https://login.test/demo', audience: 'account', episodes: 20, seed: 1 },
  empty: { issuer: 'https://login.test/empty', audience: 'account', episodes: 0, seed: 1 },
};
beforeAll(async () => {
  service = await startEmbedded({ writeLog: () => {}, tenants, samples: false });
});
afterAll(() => service.stop());

/** The lines of one run, without their times, and how many steps failed. */
const smoke = async (own: Partial<Parameters<typeof runSmoke>[0]> = {}) => {
  const { baseUrl, issuer } = service;
  const token = own.token ?? (await issuer.sign('demo'));
  registerToken(token);
  const lines: string[] = [];
  const failed = await runSmoke({ baseUrl, within, ...own, token }, (line) => lines.push(line));
  watch('the smoke test', lines.join('\n'));
  return { failed, lines: lines.map((line) => line.replace(/ +\d+ ms/, '').replace(/ {2,}/g, ' ')) };
};

test('every step of the journey is good, and nobody else sees anything of it', async () => {
  await loadSample({ s3: service.clients.s3, bucket: service.resources.dataBucket }, 'demo', tenants.demo);
  const { failed, lines } = await smoke({
    strangerToken: await service.issuer.sign('demo', { user: 'somebody-else' }),
  });
  expect(failed).toBe(0);
  expect(lines.map((line) => line.replace(/Binary .*|\d+ bytes|\d\.\d\.\d/, '…'))).toEqual([
    '✓ metadata 200 serverless-reporting …',
    '✓ without a token 401',
    '✓ order 200 …',
    '✓ the same order again 200 the same Binary',
    '✓ wait for it, read it raw 200 …',
    '✓ unpack it 200 ReportHeader, PatientsUsageSummary',
    '✓ read it as a resource 200 version 2',
    '✓ read it only if it is new 304',
    '✓ read version 1 200',
    '✓ history 200 2 versions',
    '✓ job status 200 DONE',
    '✓ a stranger reads it 404',
    '✓ delete it 200',
    '✓ read what was deleted 410',
  ]);
});

test('a stranger who is none is found out', async () => {
  const { failed, lines } = await smoke({ strangerToken: await service.issuer.sign('demo') });
  expect(failed).toBe(1);
  expect(lines).toContainEqual(expect.stringMatching(/^✗ a stranger reads it 200 404 was expected\./));
});

test('a report that fails is told with its cause, and deleted all the same', async () => {
  const { failed, lines } = await smoke({ token: await service.issuer.sign('empty') });
  expect(failed).toBe(1);
  expect(lines).toContainEqual(
    expect.stringMatching(/^✗ wait for it, read it raw 200 Report generation has failed\. manifest/),
  );
  expect(lines).toContain('– history left out: there is no report');
  expect(lines.slice(-2)).toEqual(['✓ delete it 200', '✓ read what was deleted 410']);
});

test('a token that is refused fails the order, with where to look; what needs it is left out', async () => {
  const { failed, lines } = await smoke({ token: await service.issuer.sign('demo', { lifetimeSeconds: -60 }) });
  expect(failed).toBe(1);
  expect(lines[2]).toMatch(
    /^✗ order 401 200 was expected\. The access token has expired\. .*tenant -- list.* Request id /,
  );
  expect(lines.slice(3)).toEqual(lines.slice(3).filter((line) => line.startsWith('– ')));
});

test('an address where nobody answers is told as that', async () => {
  const { failed, lines } = await smoke({ baseUrl: 'http://127.0.0.1:9/fhir' });
  expect(failed).toBe(3);
  expect(lines[0]).toMatch(/^✗ metadata - No answer \(.+\)\. Is --base right/);
});

test('an address that is not the one in the links is found at the order, which is deleted all the same', async () => {
  const { lines } = await smoke({ baseUrl: service.baseUrl.replace('127.0.0.1', 'localhost') });
  expect(lines[2]).toMatch(/^✗ order 200 Location does not begin with --base: BASE_URL /);
  expect(lines.at(-1)).toBe('✓ read what was deleted 410');
});
