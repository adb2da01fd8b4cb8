import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../functions/audit/audit-event.ts';
import { waitForReport } from '../../local/report-client.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { createFhirClient, type FhirClient } from '../support/fhir-client.ts';
import { demoUser } from '../support/sample-job.ts';
import { validateResource } from '../support/validate-resource.ts';

let service: Embedded;
let owner: FhirClient;
const lines: string[] = [];

beforeAll(async () => {
  service = await startEmbedded({ writeLog: () => {}, writeAudit: (line) => void lines.push(line) });
  owner = await createFhirClient(service);
});
afterAll(() => service.stop());

const events = (): AuditEvent[] => lines.splice(0).map((line) => JSON.parse(line) as AuditEvent);

const brief = ({ subtype, outcomeDesc, agent, entity }: AuditEvent): string => {
  const [{ who }] = agent;
  const what = entity.at(-1)?.what ?? {};
  return [
    subtype?.[0].code,
    outcomeDesc,
    'identifier' in who ? who.identifier.value : who.display,
    'reference' in what ? what.reference : '',
  ].join(' ');
};

describe('the audit events of a report, over HTTP with real tokens', () => {
  test('tell who ordered, read, was refused and erased it, and nothing of tokens and patients', async () => {
    const { id } = await owner.order();
    const token = await service.issuer.sign('demo');
    await waitForReport(`${service.baseUrl}/Binary/${id}`, token);
    const polls = events();
    expect(polls.map(brief)[0]).toBe(`operation 200 ${demoUser} Binary/${id}/_history/1`);
    expect(polls.map(brief).at(-1)).toBe(`read 200 ${demoUser} Binary/${id}/_history/2`);

    const stranger = await createFhirClient(service, { user: 'stranger' });
    await owner.call('GET', `Binary/${id}`, { headers: { accept: '*/*' } });
    await stranger.call('GET', `Binary/${id}`);
    await fetch(`${service.baseUrl}/Binary/${id}`, { headers: { authorization: `Bearer ${token}x` } });
    await owner.call('DELETE', `Binary/${id}`);
    await owner.call('GET', `Binary/${id}`);
    const told = events();
    expect(told.map(brief)).toEqual([
      `read 200 ${demoUser} Binary/${id}/_history/2`,
      `read 404 GENERAL_RESOURCE_NOT_FOUND stranger Binary/${id}`,
      `read 401 SECURITY_TOKEN_INVALID unknown Binary/${id}`,
      `delete 200 ${demoUser} Binary/${id}`,
      `read 410 GENERAL_RESOURCE_DELETED ${demoUser} Binary/${id}`,
    ]);
    const everything = JSON.stringify([...polls, ...told]);
    for (const part of token.split('.')) expect(everything).not.toContain(part);
    expect(everything).not.toContain('Patient/');
    for (const event of told) await validateResource(event);
  });
});
