import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** What an HTTP API sends for a request, as far as the api reads it. A body is base64, as the gateway sends FHIR JSON. */
export const apiEvent = (
  method: string,
  rawPath: string,
  own: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly query?: string;
  } = {},
): APIGatewayProxyEventV2 => {
  const headers = { host: 'reporting.example', ...own.headers };
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: own.query ?? '',
    headers,
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'reporting.example',
      domainPrefix: 'reporting',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'gateway-request',
      routeKey: '$default',
      stage: '$default',
      time: '16/Apr/2026:11:44:11 +0000',
      timeEpoch: Date.UTC(2026, 3, 16, 11, 44, 11),
    },
    ...(own.body === undefined
      ? { isBase64Encoded: false }
      : { body: Buffer.from(own.body).toString('base64'), isBase64Encoded: true }),
  };
};
