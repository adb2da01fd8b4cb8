import { expect, test } from 'vitest';
import { apiEvent } from '../../support/api-event.ts';
import { createTestApi } from '../../support/create-test-api.ts';

test.each([['fetch', 'REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED']])(
  '$%s-… is checked like any order and then refused in the words of the contract',
  async (mode, code) => {
    const api = createTestApi();
    const send = (value: string) =>
      api.send(
        apiEvent('POST', `/fhir/$${mode}-patient-usage-stats`, {
          headers: { authorization: 'Bearer owner', 'content-type': 'application/fhir+json' },
          body: JSON.stringify({
            resourceType: 'Parameters',
            parameter: [{ name: 'anonymization', valueString: value }],
          }),
        }),
      );
    expect((await send('SOME')).statusCode).toBe(400);
    const refused = await send('None');
    expect([refused.statusCode, refused.body]).toEqual([422, expect.stringContaining(code)]);
    expect(api.calls()).toBe(0);
  },
);
