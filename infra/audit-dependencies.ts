import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readArguments, runCommand } from '../local/command-line.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** From this severity on an advisory fails the audit: of what is deployed, and of what builds and tests it. */
export const auditLevels = { deployed: 'moderate', all: 'high' } as const;

/** What came of one question to the registry. */
export type AuditOutcome =
  | { readonly kind: 'clean'; readonly text: string }
  | { readonly kind: 'findings'; readonly text: string }
  | { readonly kind: 'not-checked'; readonly text: string };

interface NpmAnswer {
  /** `npm audit`: the summary; absent in an answer that is no audit. */
  readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> };
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string }>>;
  /** `npm audit signatures`: packages whose signature is wrong or missing. */
  readonly invalid?: readonly { readonly name: string; readonly version: string }[];
  readonly missing?: readonly { readonly name: string; readonly version: string }[];
  /** What npm says when it could not ask. */
  readonly message?: string;
  readonly error?: { readonly code?: string; readonly summary?: string };
}

const severities = ['info', 'low', 'moderate', 'high', 'critical'] as const;

const parse = (stdout: string): NpmAnswer => {
  try {
    return JSON.parse(stdout) as NpmAnswer;
  } catch {
    return {};
  }
};

const explain = ({ message, error }: NpmAnswer): string =>
  message ?? ([error?.code, error?.summary].filter(Boolean).join(': ') || 'npm gave no answer that can be read');

/**
 * What an answer of `npm audit --json` means. Only an answer that counts vulnerabilities is one: a registry without the endpoint, or no
 * network, is `not-checked`, never `clean`.
 */
export const readAudit = (stdout: string, level: (typeof severities)[number]): AuditOutcome => {
  const answer = parse(stdout);
  const counts = answer.metadata?.vulnerabilities;
  if (counts === undefined) return { kind: 'not-checked', text: explain(answer) };
  const failing: readonly string[] = severities.slice(severities.indexOf(level));
  const found = severities.filter((severity) => (counts[severity] ?? 0) > 0);
  const text = found.map((severity) => `${counts[severity]} ${severity}`).join(', ') || 'no advisories';
  if (!found.some((severity) => failing.includes(severity))) return { kind: 'clean', text };
  const named = Object.entries(answer.vulnerabilities ?? {}).filter(([, { severity }]) => failing.includes(severity));
  return {
    kind: 'findings',
    text: `${text}: ${named.map(([name, { severity }]) => `${name} (${severity})`).join(', ')}`,
  };
};

/** What an answer of `npm audit signatures --json` means: whether the registry signed each package that is installed. */
export const readSignatures = (stdout: string): AuditOutcome => {
  const answer = parse(stdout);
  const { invalid, missing } = answer;
  if (invalid === undefined || missing === undefined) return { kind: 'not-checked', text: explain(answer) };
  const wrong = [...invalid, ...missing].map(({ name, version }) => `${name}@${version}`);
  return wrong.length === 0
    ? { kind: 'clean', text: 'every package is signed by the registry' }
    : { kind: 'findings', text: `signature wrong or missing: ${wrong.join(', ')}` };
};

/** npm ends with 1 for findings and for faults alike: its exit code says nothing. */
const askNpm = (options: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const all = ['audit', ...options, '--json', '--loglevel=silent', '--fetch-retries=1', '--fetch-timeout=30000'];
    execFile('npm', all, { cwd: root, maxBuffer: 64e6 }, (_error, stdout) => resolve(stdout));
  });

const words = { clean: 'clean', findings: 'FINDINGS', 'not-checked': 'NOT CHECKED' } as const;

const usage = `npm run audit

Asks the registry for advisories about all packages, and for their signatures. Exit code 1 for findings, 2 when it could not be asked.`;

const audit = async (): Promise<void> => {
  readArguments({});
  const outcomes = [
    [`deployed, from ${auditLevels.deployed}`, readAudit(await askNpm(['--omit=dev']), auditLevels.deployed)],
    [`everything, from ${auditLevels.all}`, readAudit(await askNpm([]), auditLevels.all)],
    ['signatures', readSignatures(await askNpm(['signatures']))],
  ] as const;
  for (const [what, { kind, text }] of outcomes) process.stdout.write(`${words[kind].padEnd(12)} ${what}: ${text}\n`);
  const kinds = outcomes.map(([, { kind }]) => kind);
  if (kinds.includes('not-checked')) {
    process.stdout.write(
      'What was not checked is not clean. Run it where the registry answers audits: docs/supply-chain.md\n',
    );
    process.exitCode = 2;
  }
  if (kinds.includes('findings')) process.exitCode = 1;
};

if (import.meta.main) await runCommand(usage, audit);
