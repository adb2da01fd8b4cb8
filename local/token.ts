import { readArguments, runCommand, UsageError } from './command-line.ts';
import { exampleUser, type TokenWish } from './issuer-realms.ts';
import { askIssuer, requireRunningInstance } from './running-instance.ts';

const usage = `npm run --silent token -- [--tenant demo] [--user <uuid>] [--type PRACTITIONER] [--roles a,b,c]

Prints one token of the running instance. Without options: the user and the roles of the contract's example.`;

await runCommand(usage, async () => {
  const { values } = readArguments({
    tenant: { type: 'string', default: 'demo' },
    user: { type: 'string', default: exampleUser.user },
    type: { type: 'string', default: exampleUser.type },
    roles: { type: 'string', default: exampleUser.roles.join(',') },
  });
  const instance = await requireRunningInstance();
  if (!instance.tenants.includes(values.tenant)) {
    throw new UsageError(`There is no tenant ${values.tenant}; there are ${instance.tenants.join(', ')}.`);
  }
  const roles = values.roles.split(',').filter((role) => role !== '');
  const wish: TokenWish = { user: values.user, type: values.type, roles };
  const { access_token } = await askIssuer(instance, `/realms/${values.tenant}/tokens`, wish);
  console.log(access_token);
});
