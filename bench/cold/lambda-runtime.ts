import { reportUsage } from '../harness/usage.ts';

/**
 * What Lambda's runtime does, and no more of it: imports a handler, and calls it once with an event. Bundled before it runs, so that
 * no TypeScript is compiled while time is taken.
 *
 * Arguments: the path of the handler, and that of a file with the event.
 */
const [, , handlerPath = '', eventPath = ''] = process.argv;

interface Answer {
  readonly statusCode?: number;
  readonly body?: string;
}

const { handler } = (await import(handlerPath)) as { handler: (event: unknown, context: object) => Promise<Answer> };
const { userCPUTime, systemCPUTime } = process.resourceUsage();
const initMillis = performance.now();
const loaded = Reflect.get(process, 'moduleLoadList') as readonly string[];
const undici = loaded.filter((name) => name.includes('undici'));
const event: unknown = JSON.parse(process.getBuiltinModule('node:fs').readFileSync(eventPath, 'utf8'));
const answer = await handler(event, {
  awsRequestId: 'first',
  functionName: 'api',
  memoryLimitInMB: '1024',
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 20_000,
});
if (answer.statusCode !== 200) throw new Error(`the order was answered ${answer.statusCode}: ${answer.body}`);
reportUsage({
  initCpuMillis: (userCPUTime + systemCPUTime) / 1000,
  firstCallMillis: performance.now() - initMillis,
  undici: undici.length,
  modules: loaded.length,
});
process.exit(0);
