import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AuditedRequest, describeAudit, type Interaction } from '../../functions/audit/audit-event.ts';
import { sampleBinaryId, sampleTime } from '../support/sample-job.ts';
import { validateResource } from '../support/validate-resource.ts';

const request: AuditedRequest = {
  recorded: sampleTime,
  requestId: 'request-1',
  interaction: 'read',
  user: { tenant: 'demo', issuer: 'https://issuer.example/realms/demo', userId: 'user-1' },
  status: 200,
  errorCode: undefined,
  operation: undefined,
  binary: `Binary/${sampleBinaryId()}/_history/2`,
};

const unknownRefused: AuditedRequest = {
  ...request,
  interaction: undefined,
  user: undefined,
  status: 401,
  errorCode: 'SECURITY_TOKEN_INVALID',
  binary: undefined,
};

describe('an audit event', () => {
  test('of a read, to the letter', () => {
    expect(describeAudit(request)).toEqual({
      resourceType: 'AuditEvent',
      type: {
        system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
        code: 'rest',
        display: 'RESTful Operation',
      },
      subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'read' }],
      action: 'R',
      recorded: '2026-04-16T11:44:11.919+00:00',
      outcome: '0',
      outcomeDesc: '200',
      agent: [
        { who: { identifier: { system: 'https://issuer.example/realms/demo', value: 'user-1' } }, requestor: true },
      ],
      source: {
        site: 'demo',
        observer: { display: expect.stringMatching(/^serverless-reporting\/\d/) },
        type: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
            code: '4',
            display: 'Application Server',
          },
        ],
      },
      entity: [
        {
          what: { identifier: { value: 'request-1' } },
          type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
        },
        {
          what: { reference: `Binary/${sampleBinaryId()}/_history/2` },
          type: {
            system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
            code: '2',
            display: 'System Object',
          },
          role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '3', display: 'Report' },
        },
      ],
    });
  });

  test('of somebody without a token knows neither who nor what', () => {
    const event = describeAudit(unknownRefused);
    expect(event).toMatchObject({ outcome: '4', outcomeDesc: '401 SECURITY_TOKEN_INVALID' });
    expect(event.agent).toEqual([{ who: { display: 'unknown' }, requestor: true }]);
    expect(event.entity).toHaveLength(1);
    expect(event).not.toHaveProperty('subtype');
    expect(event).not.toHaveProperty('action');
    expect(event.source).not.toHaveProperty('site');
  });

  test.each<[Interaction, string]>([
    ['read', 'R'],
    ['vread', 'R'],
    ['history-instance', 'R'],
    ['delete', 'D'],
    ['operation', 'E'],
  ])('of %s has the action %s and is valid R4', async (interaction, action) => {
    const event = describeAudit({ ...request, interaction });
    expect(event).toMatchObject({ subtype: [{ code: interaction }], action });
    await validateResource(event);
  });

  test.each([
    [200, '0'],
    [302, '0'],
    [304, '0'],
    [400, '4'],
    [429, '4'],
    [499, '4'],
    [500, '8'],
    [503, '8'],
  ])('of status %i has the outcome %s', (status, outcome) => {
    expect(describeAudit({ ...request, status }).outcome).toBe(outcome);
  });

  test('is valid R4 without a token, for an operation, and whatever the user is called', async () => {
    await validateResource(describeAudit(unknownRefused));
    await validateResource(
      describeAudit({ ...request, interaction: 'operation', operation: 'execute-patient-usage-stats' }),
    );
    const userIds = fc
      .string({ minLength: 1, maxLength: 128, unit: 'grapheme' })
      .filter((text) => text.trim() === text);
    await fc.assert(
      fc.asyncProperty(userIds, async (userId) => {
        const { agent } = describeAudit({ ...request, user: { tenant: 'demo', issuer: 'https://i', userId } });
        expect(agent[0].who).toEqual({ identifier: { system: 'https://i', value: userId } });
      }),
    );
  });
});
