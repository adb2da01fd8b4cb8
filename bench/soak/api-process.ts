import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { startTicker } from '../../local/ticker.ts';
import { followParent, reportToParent } from '../harness/helper-process.ts';
import type { ApiReady, ApiTask, MemorySample } from './messages.ts';
import { memorySeconds, soakSettings, soakTenants, tickSeconds, visibilitySeconds } from './settings.ts';

/** Issuer, api over HTTP and dispatcher in this process; the emulators are there already (`AWS_ENDPOINT_URL_*`), the workers elsewhere. */
const start = async (): Promise<Embedded> => {
  const writeLog = (line: string) => void process.stdout.write(`${line}\n`);
  const embedded = await startEmbedded({ delivery: 'manual', tenants: soakTenants, settings: soakSettings, writeLog });
  const { clients, resources, functions } = embedded;
  const Attributes = { VisibilityTimeout: String(visibilitySeconds) };
  await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: resources.reportQueueUrl, Attributes }));
  startTicker(tickSeconds, functions.dispatcher, (error) => console.error('dispatcher:', error));
  return embedded;
};

const signTokens = async ({ issuer }: Embedded, { users }: ApiTask): Promise<ApiReady['tokens']> => {
  const tokens: Record<string, Record<string, string>> = {};
  for (const [tenant, names] of Object.entries(users)) {
    tokens[tenant] = {};
    for (const user of names) tokens[tenant][user] = await issuer.sign(tenant, { user, lifetimeSeconds: 6 * 3600 });
  }
  return tokens;
};

/** The heap is what lives: measured right after a collection. */
const reportMemory = (): void => {
  const begun = performance.now();
  setInterval(() => {
    globalThis.gc?.();
    const { rss, heapUsed: heap } = process.memoryUsage();
    const second = (performance.now() - begun) / 1000;
    reportToParent({ kind: 'memory', second, rss, heap } satisfies MemorySample);
  }, memorySeconds * 1000);
};

followParent();
const embedded = await start();
reportToParent({
  kind: 'ready',
  baseUrl: embedded.baseUrl,
  resources: embedded.resources,
  workerEnvironment: embedded.functions.environment.worker,
  tokens: await signTokens(embedded, JSON.parse(process.env['SOAK_TASK'] ?? '') as ApiTask),
} satisfies ApiReady);
reportMemory();
