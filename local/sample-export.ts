import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { exportJWK, generateKeyPair } from 'jose';
import { type ExportServer, startExportServer } from './export-server.ts';
import { createSelfSignedCertificate } from './self-signed-certificate.ts';
import { generateEpisodes } from './synthetic-episodes.ts';

/** The FHIR server that the tenant `demo` imports from, and what its record says of it. */
export interface SampleExport {
  readonly server: ExportServer;
  /** PEM: what a client has to trust. */
  readonly certificate: string;
  /** The member `import` of the tenant's record. */
  readonly source: object;
  /** Puts the key that the service signs in with where the importer looks for it. */
  giveKey(prefix: string, tenant: string): Promise<void>;
  stop(): Promise<void>;
}

/** When the invented export is made: a month after the data set that the embedded runtime begins with. */
export const exportCutOff = '2026-05-16T01:00:00.000Z';

const episodesInAll = 4000;
const filesInAll = 4;
const secretName = 'careplan-key';
const clientId = 'serverless-reporting';

/** Made when it is first asked for: most who start the embedded runtime import nothing. */
const createFiles = (): (() => readonly Buffer[]) => {
  let files: readonly Buffer[] | undefined;
  return () => {
    const lines = () => [...generateEpisodes({ count: episodesInAll, seed: 3, cutOff: exportCutOff })];
    files ??= Object.values(Object.groupBy(lines(), (_line, index) => index % filesInAll)).map((some = []) =>
      Buffer.from(some.map((line) => `${line}\n`).join('')),
    );
    return files;
  };
};

/**
 * Starts a server with Bulk Data export as FUT's careplan service has it: ordered by POST, files as Binaries, sign-in by SMART Backend
 * Services (ES384), tokens that live a minute.
 */
export const startSampleExport = async (): Promise<SampleExport> => {
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
  const named = { kid: 'sample' };
  const certificate = await createSelfSignedCertificate(['127.0.0.1']);
  const files = createFiles();
  const client = { clientId, publicJwk: { ...(await exportJWK(publicKey)), ...named } };
  const server = await startExportServer({
    certificate,
    client,
    form: 'binary',
    transactionTime: exportCutOff,
    polls: 2,
  });
  Object.defineProperty(server, 'files', { get: files });
  const key = JSON.stringify({ ...(await exportJWK(privateKey)), ...named });
  return {
    server,
    certificate: certificate.cert,
    // On demand alone: what a report says here must not depend on the hour at which it is ordered.
    source: {
      kind: 'fut',
      baseUrl: server.baseUrl,
      signIn: { kind: 'smart-backend', clientId, secret: secretName },
      nightly: false,
    },
    async giveKey(prefix, tenant) {
      const ssm = new SSMClient();
      const Name = `${prefix}/${tenant}/${secretName}`;
      await ssm.send(new PutParameterCommand({ Name, Value: key, Type: 'SecureString', Overwrite: true }));
      ssm.destroy();
    },
    stop: server.stop,
  };
};
