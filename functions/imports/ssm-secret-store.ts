import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';
import { toDependencyError } from '../platform/dependency-error.ts';
import { ImportError } from './import-problem.ts';
import type { SecretStore } from './secret-store.ts';

/**
 * Secrets in the Parameter Store of AWS Systems Manager, as SecureString: `<prefix>/<tenant>/<name>`.
 *
 * @param prefix begins with a slash and has none at its end
 */
export const createSsmSecretStore = (client: SSMClient, prefix: string): SecretStore => ({
  async read(tenantId, name) {
    const missing = new ImportError(
      'SECRET_UNUSABLE',
      `The secret store has no value for ${prefix}/${tenantId}/${name}.`,
    );
    try {
      const request = new GetParameterCommand({ Name: `${prefix}/${tenantId}/${name}`, WithDecryption: true });
      const { Parameter } = await client.send(request);
      if (Parameter?.Value === undefined || Parameter.Value === '') throw missing;
      return Parameter.Value;
    } catch (error) {
      if (error instanceof ImportError) throw error;
      throw error instanceof ParameterNotFound ? missing : toDependencyError('secret-store', error);
    }
  },
});
