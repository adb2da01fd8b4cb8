import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { generate } from 'selfsigned';

/** A private key and its certificate, both PEM. */
export interface ServerCertificate {
  /** PKCS #8 private key. */
  readonly key: string;
  /** X.509 certificate; also what a client has to trust. */
  readonly cert: string;
}

const dayMillis = 86_400_000;

/**
 * A fresh certificate for a TLS server on this machine, for the embedded runtime and the tests only: EC P-256, signed by itself,
 * valid from yesterday for 30 days, with every given name as subject alternative name. It is its own authority, so a client
 * trusts it with `tls.setDefaultCACertificates([...tls.getCACertificates('default'), cert])` or the `ca` option.
 *
 * @param hostnames DNS names and IP addresses that clients connect to; at least one. `['127.0.0.1']` for the embedded runtime.
 */
export const createSelfSignedCertificate = async (
  hostnames: readonly [string, ...string[]],
): Promise<ServerCertificate> => {
  const now = Date.now();
  // Of its own: of two authorities with one name, a client may hold a certificate against the wrong one.
  const commonName = `serverless-reporting embedded ${randomUUID()}`;
  const { private: key, cert } = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - dayMillis),
    notAfterDate: new Date(now + 30 * dayMillis),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: hostnames.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  });
  return { key, cert };
};
