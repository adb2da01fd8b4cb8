import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { CommandError, readArguments, runCommand, UsageError } from './command-line.ts';
import { runSmoke } from './run-smoke.ts';
import { trustCertificate } from './trust-certificate.ts';

const usage = `npm run --silent smoke -- --base <url> --token <jwt | -> [--stranger <jwt>] [--ca <file>] [--within <seconds>]

Orders a report from a running service, reads it in every way and deletes it; one line a step.
  --base      the public address, such as https://reporting.example/fhir
  --token     of a user who may order and read; - reads it from stdin, so that no list of processes has it
  --stranger  a token of another user or tenant, who must be told that there is no such report
  --ca        a file with the certificate that the service's own is signed by (PEM), where it is not a public one
  --within    the most that the report may take; 900, if it is left out`;

const readTarget = async () => {
  const { values } = readArguments({
    base: { type: 'string' },
    token: { type: 'string' },
    stranger: { type: 'string' },
    ca: { type: 'string' },
    within: { type: 'string', default: '900' },
  });
  const { base, token, stranger: strangerToken, ca, within } = values;
  if (base === undefined || !/^https?:\/\//.test(base) || !URL.canParse(base)) {
    throw new UsageError('--base has to be an address such as https://reporting.example/fhir');
  }
  if (token === undefined) throw new UsageError('--token is missing');
  if (!/^[1-9]\d{0,4}$/.test(within)) throw new UsageError('--within has to be a number of seconds');
  const read = token === '-' ? (await text(process.stdin)).trim() : token;
  const baseUrl = base.replace(/(?<!\/)\/+$/, '');
  return { target: { baseUrl, token: read, strangerToken, within: Number(within) * 1000 }, ca };
};

await runCommand(usage, async () => {
  const { target, ca } = await readTarget();
  if (ca !== undefined) {
    trustCertificate(
      await readFile(ca, 'utf8').catch(() => {
        throw new CommandError(`${ca}: cannot be read`);
      }),
    );
  }
  const failed = await runSmoke(target, (line) => console.log(line));
  if (failed > 0) throw new CommandError(`${failed} of the steps failed.`);
  console.log('Everything is as it has to be; no report was left behind.');
  console.log("What stays, as after every report: a line in that user's job status, and audit events.");
});
