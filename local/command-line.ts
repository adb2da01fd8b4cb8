import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { explainDependencyError, toDependencyError } from '../functions/platform/dependency-error.ts';
import { ServiceError } from '../functions/platform/service-error.ts';
import { UnusableInput } from './data-set-input.ts';

/** The command was called in a way that it does not know. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command cannot do what it was asked for; the message says what to do about it. Ends with exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/**
 * The options and the remaining arguments of this process.
 *
 * @throws UsageError for an option that is unknown or lacks its value
 */
export const readArguments = <Options extends ParseArgsOptionsConfig>(options: Options, allowPositionals = false) => {
  try {
    return parseArgs({ options, allowPositionals, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
};

/** Whether a call asks what the command is for: `--help` or `-h` among its options, whatever else is there, and whether or not that is right. */
const asksForHelp = (args: readonly string[]): boolean => {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? undefined : end).some((arg) => arg === '--help' || arg === '-h');
};

/** What Node says where nobody answers, or is not who was asked for: of the network, of DNS and of TLS. */
const unreachable =
  /^(?:ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|ERR_TLS_)/;

/** What an error means that an AWS client threw, also before it could ask; of any other nothing. */
const explainClientError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  if (error.message === 'Region is missing')
    return new CommandError('In which region? Set AWS_REGION, or name --region.');
  const code = 'code' in error ? String(error.code) : error.name;
  if (unreachable.test(code) || error.name === 'TimeoutError') return explainDependencyError('AWS', code);
  return '$fault' in error || error.name === 'CredentialsProviderError' ? toDependencyError('AWS', error) : error;
};

/** One line for what was foreseen; anything else as it is, with its stack. */
const describeFailure = (thrown: unknown): unknown => {
  const error = explainClientError(thrown);
  if (error instanceof CommandError || error instanceof UnusableInput) return error.message;
  if (!(error instanceof ServiceError)) return error;
  const { code, details } = error;
  return code === 'GENERAL_DEPENDENCY_UNAVAILABLE'
    ? `A store does not answer (${details.reason ?? code}). Is the service still there? What was begun goes on without this command.`
    : `A store refuses (${details.reason ?? code}). May you use it?`;
};

/**
 * Runs a command to its end. What went wrong is told on stderr, in one line where it was foreseen; a wrong call with its usage. A call
 * with `--help` is told the usage alone, on stdout; nothing is run, and the exit code is 0.
 *
 * @param usage the calls that are right
 */
export const runCommand = async (usage: string, run: () => Promise<void>): Promise<void> => {
  // Whoever reads the output has read enough: `npm run demo | head`.
  process.stdout.on('error', () => process.exit());
  if (asksForHelp(process.argv.slice(2))) return console.log(`Usage: ${usage}`);
  try {
    await run();
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\nUsage: ${usage}`);
      process.exitCode = 2;
      return;
    }
    console.error(describeFailure(error));
    process.exitCode = 1;
  }
};
