import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/**
 * Makes this process trust a certificate beside those it trusts by default.
 *
 * @returns puts the former trust back
 */
export const trustCertificate = (certificate: string): (() => void) => {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, certificate]);
  return () => setDefaultCACertificates(before);
};
