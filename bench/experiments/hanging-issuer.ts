import { setTimeout as delay } from 'node:timers/promises';
import { putTenant } from '../../functions/auth/dynamodb-tenant-registry.ts';
import { sampleTenants } from '../../local/sample-tenants.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { createFhirClient, type FhirClient } from '../../test/support/fhir-client.ts';
import { hang } from '../../test/support/issuer-answers.ts';
import { startMisbehavingIssuer } from '../../test/support/misbehaving-issuer.ts';
import { type Experiment, readWholeOption } from '../harness/experiment.ts';
import { type Figure, figure } from '../harness/figure.ts';
import { percentile } from '../harness/percentile.ts';
import { divideByRound } from '../harness/summary.ts';

/** Requests a second, of the tenant that is measured and of the one whose issuer hangs. */
const rates = { measured: 25, troubled: 15 } as const;

interface Sample {
  readonly status: number;
  /** From the moment when the request was due to the last byte of its answer: waiting for the machine counts. */
  readonly millis: number;
}

/** Sends requests at a fixed rate, whatever becomes of them. */
const sendAtRate = async (rate: number, seconds: number, call: () => Promise<Response>): Promise<readonly Sample[]> => {
  const started = performance.now();
  const sendOne = async (due: number): Promise<Sample> => {
    const response = await call();
    await response.arrayBuffer();
    return { status: response.status, millis: performance.now() - due };
  };
  const sent: Promise<Sample>[] = [];
  for (let index = 0; index < rate * seconds; index += 1) {
    const due = started + (index * 1000) / rate;
    await delay(Math.max(due - performance.now(), 0));
    sent.push(sendOne(due));
  }
  return Promise.all(sent);
};

interface Scene {
  readonly service: Embedded;
  readonly hangingUri: string;
  readonly measured: () => Promise<Response>;
  readonly troubled: () => Promise<Response>;
}

/** Points the troubled tenant at one issuer or the other, as an operator would, and waits until the api has seen it. */
const useIssuer = async ({ service, troubled }: Scene, jwksUri: string, expected: number): Promise<void> => {
  const { issuer = '', audience = '' } = sampleTenants['demo'] ?? {};
  const record = { id: 'demo', issuer, audience: [audience], jwksUri };
  await putTenant(service.clients.documents, service.resources.tenantsTable, record, new Set(['127.0.0.1']));
  for (let tries = 0; (await troubled()).status !== expected; tries += 1) {
    if (tries > 50) throw new Error(`the api never answered ${expected}`);
    await delay(200);
  }
};

const measureOnce = async ({ measured, troubled }: Scene, seconds: number) => {
  const [ours, theirs] = await Promise.all([
    sendAtRate(rates.measured, seconds, measured),
    sendAtRate(rates.troubled, seconds, troubled),
  ]);
  if (ours.some(({ status }) => status !== 200)) throw new Error('a read of the measured tenant failed');
  const millis = ours.map((sample) => sample.millis);
  return { p50: percentile(millis, 0.5), p99: percentile(millis, 0.99), millis, theirs };
};

type Measurement = Awaited<ReturnType<typeof measureOnce>>;

const describeTheirs = (theirs: readonly Sample[]): string =>
  [...Map.groupBy(theirs, ({ status }) => status)]
    .map(
      ([status, those]) =>
        `${those.length} × ${status}, longest ${Math.max(...those.map(({ millis }) => millis)).toFixed(0)} ms`,
    )
    .join('; ');

const describeOne = (name: string, { p50, p99, theirs }: Measurement): string =>
  `  ${name.padEnd(10)} p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms   (the other tenant: ${describeTheirs(theirs)})`;

const readFinished = async (client: FhirClient): Promise<() => Promise<Response>> => {
  const { id } = await client.order();
  for (let tries = 0; (await client.read(`Binary/${id}`)).meta.versionId === '1'; tries += 1) {
    if (tries > 100) throw new Error('the report was never finished');
    await delay(100);
  }
  return () => client.call('GET', `Binary/${id}`);
};

const bench = async (pairs: number, seconds: number): Promise<readonly Figure[]> => {
  const listener = await startMisbehavingIssuer();
  listener.answer = hang;
  const settings = { api: { TENANT_CACHE_SECONDS: '1', TRUSTED_PRIVATE_HOSTS: '127.0.0.1' } };
  const service = await startEmbedded({ settings, writeLog: () => {} });
  // Without a role: refused right after its token was verified, so that its requests cost the same, whatever its issuer does.
  const demo = await createFhirClient(service, { roles: [] });
  const scene: Scene = {
    service,
    hangingUri: `https://${listener.host}/certs`,
    measured: await readFinished(await createFhirClient(service, {}, 'other')),
    troubled: () => demo.call('GET', '$get-report-job-status'),
  };
  const well = service.issuer.jwksUri('demo');
  await measureOnce(scene, seconds);
  const before: Measurement[] = [];
  const during: Measurement[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    await useIssuer(scene, well, 403);
    const one = await measureOnce(scene, seconds);
    await useIssuer(scene, scene.hangingUri, 503);
    const other = await measureOnce(scene, seconds);
    console.log(`pair ${pair + 1}\n${describeOne('answers', one)}\n${describeOne('hangs', other)}`);
    before.push(one);
    during.push(other);
  }
  await service.stop();
  await listener.stop();
  const pick = (those: readonly Measurement[], which: 'p50' | 'p99') => those.map((one) => one[which]);
  const compare = (which: 'p50' | 'p99'): readonly Figure[] => {
    const [well, ill] = [pick(before, which), pick(during, which)];
    return [
      figure(`${which}-while-it-answers`, 'ms', well),
      figure(`${which}-while-it-hangs`, 'ms', ill),
      figure(`${which}-ratio`, '×', divideByRound(ill, well)),
    ];
  };
  const reads = [...before, ...during].reduce((sum, { millis }) => sum + millis.length, 0);
  return [
    ...compare('p50'),
    ...compare('p99'),
    figure('reads', '', [reads]),
    figure('requests-that-reached-the-issuer-that-hangs', '', [listener.requests.length]),
  ];
};

/** Does an issuer that hangs slow the other tenants? */
export const hangingIssuer: Experiment = {
  question: "What do one tenant's reads take while another tenant's issuer answers, and while it hangs, in turns?",
  options: { pairs: { type: 'string', default: '6' }, seconds: { type: 'string', default: '8' } },
  optionLines: ['  --pairs    how often each', '  --seconds  how long each time'],
  run: (call) => (call.isQuick ? bench(3, 2) : bench(readWholeOption(call, 'pairs'), readWholeOption(call, 'seconds'))),
};
