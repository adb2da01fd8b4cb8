/** A function as osls has it while it packages. */
interface PackagedFunction {
  /** Set here before the functions are compiled: osls then makes event sources, routes, permissions and destinations point at it. */
  targetAlias?: { readonly name: string; readonly logicalId: string };
  /** Set by osls: the logical id of the version, which changes with code and configuration. */
  readonly versionLogicalId?: string;
}

type Functions = Readonly<Record<string, PackagedFunction>>;

/** The alias of every function that is called: the version that is in service. */
export const aliasName = 'live';

const capitalise = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

/** The logical id of a function's alias: `ApiLiveAlias` for `api`. */
export const aliasLogicalId = (name: string): string => `${capitalise(name)}LiveAlias`;

/** Gives every function an alias that osls lets its events point at. */
export const aliasFunctions = (functions: Functions): void => {
  for (const [name, one] of Object.entries(functions)) {
    one.targetAlias = { name: aliasName, logicalId: aliasLogicalId(name) };
  }
};

/**
 * Adds the aliases to a template, each on the version that osls has made in this run. How it moves there from the version before is
 * said in `infra/resources/deployments.yml`.
 *
 * @param resources of the template; changed in place
 * @throws Error when a function has no version: `versionFunctions` is off
 */
export const addLiveAliases = (functions: Functions, resources: Record<string, object>): void => {
  for (const [name, { versionLogicalId = '' }] of Object.entries(functions)) {
    const version = resources[versionLogicalId];
    if (version === undefined) throw new Error(`The function ${name} has no version to point ${aliasName} at.`);
    // Kept when the next one replaces it, to go back to. Not when the deployment that made it is rolled back: it would be in no stack, and
    // Lambda publishes no second version of the same code (API PublishVersion), so that the same code could never be deployed again.
    resources[versionLogicalId] = {
      ...version,
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    };
    resources[aliasLogicalId(name)] = {
      Type: 'AWS::Lambda::Alias',
      Properties: {
        FunctionName: { Ref: `${capitalise(name)}LambdaFunction` },
        FunctionVersion: { 'Fn::GetAtt': [versionLogicalId, 'Version'] },
        Name: aliasName,
      },
    };
  }
};
