import { isIP } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import type { ServerCertificate } from '../../local/self-signed-certificate.ts';

/** A certificate authority of the tests. */
export interface TestAuthority {
  /** Its own certificate, PEM: what a client has to trust. */
  readonly certificate: string;
  /** A certificate for a server of these names, valid from yesterday; until tomorrow, or until now when it is to have expired. */
  issue(hostnames: readonly string[], expired?: boolean): Promise<ServerCertificate>;
}

const dayMillis = 86_400_000;

/** A new authority that nobody trusts yet. */
export const createTestAuthority = async (name: string): Promise<TestAuthority> => {
  const now = Date.now();
  const common = {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - dayMillis),
  } as const;
  const authority = await generate([{ name: 'commonName', value: name }], {
    ...common,
    notAfterDate: new Date(now + dayMillis),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  return {
    certificate: authority.cert,
    issue: async (hostnames, expired = false) => {
      const issued = await generate([{ name: 'commonName', value: `server of ${name}` }], {
        ...common,
        notAfterDate: new Date(expired ? now - 1_000 : now + dayMillis),
        ca: { key: authority.private, cert: authority.cert },
        extensions: [
          { name: 'basicConstraints', cA: false, critical: true },
          { name: 'keyUsage', digitalSignature: true, critical: true },
          { name: 'extKeyUsage', serverAuth: true },
          {
            name: 'subjectAltName',
            altNames: hostnames.map((host) => (isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host })),
          },
        ],
      });
      return { key: issued.private, cert: issued.cert };
    },
  };
};

let trusted: Promise<TestAuthority> | undefined;

/** The one authority that this process trusts from then on, in the way in which the embedded runtime makes its own trusted. */
export const trustedAuthority = (): Promise<TestAuthority> => {
  trusted ??= createTestAuthority('authority of the tests').then((authority) => {
    setDefaultCACertificates([...getCACertificates('default'), authority.certificate]);
    return authority;
  });
  return trusted;
};
