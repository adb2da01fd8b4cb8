import { readArguments, runCommand } from './command-line.ts';
import { exampleUser } from './issuer-realms.ts';
import { fhirAccept, unpackReport, waitForReport } from './report-client.ts';
import { showImport } from './show-import.ts';
import { type Embedded, startEmbedded } from './start-embedded.ts';
import { renderMonths, renderYears, type UsageSummary } from './usage-table.ts';

const usage = `npm run demo [-- --import]

Orders a report, waits for it and shows it, all on this machine; then it is over.
  --import  before that, the data set is fetched from a FHIR server by its Bulk Data export`;

const tenant = 'demo';
const shownMonths = 24;

const say = (...lines: readonly string[]): void => console.log(lines.join('\n'));
const title = (text: string): void => say('', `── ${text} ${'─'.repeat(Math.max(0, 75 - text.length))}`, '');
const indent = (text: string): string => text.replace(/^/gm, '  ');

/** The contract's own exchange: headers and body as a HAPI FHIR client sends them. */
const order = async (baseUrl: string, token: string): Promise<{ id: string; location: string }> => {
  const url = `${baseUrl}/$execute-patient-usage-stats`;
  const headers = {
    Accept: fhirAccept,
    'User-Agent': 'HAPI-FHIR/8.6.5 (FHIR Client; FHIR 4.0.1/R4; apache)',
    'Accept-Encoding': 'gzip',
    'Content-Type': 'application/fhir+json; charset=UTF-8',
  };
  const body = '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None"}]}';
  const shown = { Authorization: `Bearer ${token.slice(0, 24)}…`, ...headers };
  title('The order');
  say(`  POST ${url}`);
  for (const [name, value] of Object.entries(shown)) say(`  ${name}: ${value}`);
  say('', `  ${body}`);

  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, Authorization: `Bearer ${token}` },
    body,
  });
  const text = await response.text();
  title('The answer: a placeholder, at once');
  say(`  HTTP ${response.status}`);
  for (const name of ['content-type', 'location', 'last-modified', 'x-request-id']) {
    say(`  ${name}: ${response.headers.get(name)}`);
  }
  const placeholder = JSON.parse(text) as { id: string; data?: string };
  say('', indent(JSON.stringify(placeholder, undefined, 2)), '');
  if (response.status !== 200) throw new Error('the order was refused');
  say(`  data is base64 of "${Buffer.from(placeholder.data ?? '', 'base64')}"`);
  return { id: placeholder.id, location: response.headers.get('location') ?? '' };
};

const readReport = async (baseUrl: string, token: string, id: string): Promise<Uint8Array> => {
  const ordered = performance.now();
  const { meta, contentType } = await waitForReport(`${baseUrl}/Binary/${id}`, token);
  const seconds = ((performance.now() - ordered) / 1000).toFixed(1);
  title('The report: version 2 of the same Binary');
  const response = await fetch(`${baseUrl}/Binary/${id}`, { headers: { authorization: `Bearer ${token}` } });
  const zip = new Uint8Array(await response.arrayBuffer());
  say(`  version ${meta.versionId} after ${seconds} s: ${contentType}, ${zip.byteLength} bytes, a ZIP with`);
  return zip;
};

const showReport = (zip: Uint8Array): void => {
  const entries = Object.entries(unpackReport(zip));
  for (const [path] of entries) say(`    ${path}`);
  const header = entries.find(([path]) => path.endsWith('/ReportHeader'))?.[1];
  const summary = entries.find(([path]) => path.endsWith('/PatientsUsageSummary'))?.[1] as UsageSummary;
  const { provenance } = header as { provenance: Record<string, unknown> };
  const { monthData } = summary.PatientsUsageSummary;
  title('Patients with an episode of care');
  say(
    `  Made from ${provenance['episodes']} episodes of ${provenance['patients']} patients, cut off at ${provenance['dataCutOff']}.`,
  );
  say(`  ${monthData.length} months; the last ${Math.min(shownMonths, monthData.length)} of them:`, '');
  say(
    ...renderMonths(summary, shownMonths),
    '',
    '  The last month is counted to the cut-off.',
    '',
    ...renderYears(summary),
  );
};

const showVersionOne = async (location: string, token: string): Promise<void> => {
  const response = await fetch(location, { headers: { authorization: `Bearer ${token}`, accept: 'text/plain' } });
  say('', `Version 1 stays what it was: ${await response.text()}`);
};

const tell = async (embedded: Embedded, isImporting: boolean): Promise<void> => {
  const { baseUrl, issuer } = embedded;
  if (isImporting) {
    title('The import: a data set from a FHIR server');
    await showImport(embedded, tenant, say);
  }
  const token = await issuer.sign(tenant);
  title('A token');
  say(
    `  signed by the issuer of tenant ${tenant} for ${exampleUser.type} ${exampleUser.user}`,
    `  roles ${exampleUser.roles.join(', ')}`,
  );
  const { id, location } = await order(baseUrl, token);
  showReport(await readReport(baseUrl, token, id));
  await showVersionOne(location, token);
};

await runCommand(usage, async () => {
  const { values } = readArguments({ import: { type: 'boolean', default: false } });
  say('The reporting service, its database, object store, queue and token issuer start in this process …');
  const begun = performance.now();
  const embedded = await startEmbedded({ writeLog: () => {} });
  say(`… and listen at ${embedded.baseUrl} after ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
  try {
    await tell(embedded, values.import);
  } finally {
    await embedded.stop();
  }
  say('', 'All of it has stopped. Try it yourself: npm start');
});
