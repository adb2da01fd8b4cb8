import { fhirAccept } from '../../local/report-client.ts';
import { followParent, reportToParent } from '../harness/helper-process.ts';

/** What a client is to do: order reports one after the other, so many side by side, for so long. */
export interface LoadTask {
  readonly baseUrl: string;
  readonly token: string;
  readonly sideBySide: number;
  readonly milliseconds: number;
}

/** What came of it. */
export interface LoadDone {
  readonly seconds: number;
  /** Processor time of this process. */
  readonly cpuMillis: number;
  /** How long each order took, in ms, from the request to the last byte of its answer. */
  readonly millis: readonly number[];
}

const body = '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None"}]}';

const order = async ({ baseUrl, token }: LoadTask): Promise<number> => {
  const begun = performance.now();
  const headers = { authorization: `Bearer ${token}`, accept: fhirAccept, 'content-type': 'application/fhir+json' };
  const response = await fetch(`${baseUrl}/$execute-patient-usage-stats`, { method: 'POST', headers, body });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`an order was answered ${response.status}: ${text}`);
  return performance.now() - begun;
};

const work = async (task: LoadTask): Promise<LoadDone> => {
  const millis: number[] = [];
  const [begun, before] = [performance.now(), process.cpuUsage()];
  const orderOn = async (): Promise<void> => {
    while (performance.now() - begun < task.milliseconds) millis.push(await order(task));
  };
  await Promise.all(Array.from({ length: task.sideBySide }, orderOn));
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - begun) / 1000, cpuMillis: (user + system) / 1000, millis };
};

followParent();
process.on('message', async (task: LoadTask) => reportToParent({ ...(await work(task)) }));
reportToParent({});
