import {
  type Check,
  dig,
  finding,
  refersTo,
  resourcesOf,
  type Statement,
  statementsOf,
  type Template,
  targetOf,
  textOf,
} from './template.ts';

const functionsOf = (template: Template) => resourcesOf(template, 'AWS::Lambda::Function');

const roleOf = (properties: unknown): string => targetOf(dig(properties, 'Role')) ?? '';

const roleStatements = ({ Resources }: Template, role: string): readonly Statement[] =>
  ((Resources[role]?.Properties['Policies'] ?? []) as { PolicyDocument: unknown }[]).flatMap(({ PolicyDocument }) =>
    statementsOf(PolicyDocument),
  );

const checkOwnRole: Check = (template) => {
  const roles = functionsOf(template).map(([id, { Properties }]) => ({ id, role: roleOf(Properties) }));
  return roles
    .filter(({ role }) => role === '' || roles.filter((other) => other.role === role).length > 1)
    .map(({ id, role }) => finding('own-role', id, role === '' ? 'has no role of the stack' : `shares ${role}`));
};

const checkRecursion: Check = (template) =>
  functionsOf(template)
    .filter(([, { Properties }]) => Properties['RecursiveLoop'] !== 'Terminate')
    .map(([id]) => finding('recursion', id, 'has to say RecursiveLoop: Terminate (infra/resources/recursion.yml)'));

const checkLogGroup: Check = (template) =>
  functionsOf(template)
    .filter(
      ([, { Properties }]) =>
        !resourcesOf(template, 'AWS::Logs::LogGroup').some(
          ([, group]) => group.Properties['LogGroupName'] === `/aws/lambda/${String(Properties['FunctionName'])}`,
        ),
    )
    .map(([id]) => finding('log-group', id, 'would make a log group of its own, without retention and key'));

/** Where a function is called from: the property that names it. */
const callers: Readonly<Record<string, (properties: unknown) => readonly unknown[]>> = {
  'AWS::Lambda::EventSourceMapping': (one) => [dig(one, 'FunctionName')],
  'AWS::Lambda::Permission': (one) => [dig(one, 'FunctionName')],
  'AWS::ApiGatewayV2::Integration': (one) => [dig(one, 'IntegrationUri')],
  'AWS::Events::Rule': (one) => ((dig(one, 'Targets') ?? []) as unknown[]).map((target) => dig(target, 'Arn')),
};

const checkAlias: Check = (template) =>
  Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) =>
    (callers[Type]?.(Properties) ?? [])
      .filter((called) => template.Resources[targetOf(called) ?? '']?.Type === 'AWS::Lambda::Function')
      .filter((called) => !textOf(called).endsWith('"live"]]}'))
      .map(() => finding('alias', id, 'calls a function past its alias, so that no deployment shifts it')),
  );

/** Functions that a schedule calls: nobody waits for their answer. */
const scheduledOf = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::Events::Rule').flatMap(([, { Properties }]) =>
    (callers['AWS::Events::Rule']?.(Properties) ?? []).flatMap((called) => targetOf(called) ?? []),
  );

const checkDestination: Check = (template) =>
  scheduledOf(template).flatMap((id) => {
    const config = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').find(([, one]) =>
      refersTo(one.Properties['FunctionName'], id),
    );
    const destination = targetOf(dig(config?.[1].Properties, 'DestinationConfig', 'OnFailure', 'Destination'));
    if (destination === undefined)
      return [finding('on-failure', id, 'a run that failed would leave no trace but its log')];
    const allowed = roleStatements(template, roleOf(template.Resources[id]?.Properties)).some(
      ({ Effect, Action, Resource }) =>
        Effect === 'Allow' && Action.includes('sqs:SendMessage') && refersTo(Resource, destination),
    );
    return allowed ? [] : [finding('on-failure', id, `its role may not send to ${destination}`)];
  });

const checkPermissions: Check = (template) =>
  resourcesOf(template, 'AWS::Lambda::Permission')
    .filter(([, { Properties }]) => Properties['SourceArn'] === undefined || Properties['Principal'] === '*')
    .map(([id]) => finding('invoke-permission', id, 'has to name from where the function may be called'));

/** Lambda traces with the function's own role, and looks whether it may when tracing is switched on: the policy has to be there before. */
const checkTracing: Check = (template) => {
  const allowed = resourcesOf(template, 'AWS::IAM::ManagedPolicy').filter(([, { Properties }]) =>
    textOf(Properties['PolicyDocument']).includes('xray:PutTraceSegments'),
  );
  return functionsOf(template)
    .filter(([, { Properties }]) => dig(Properties, 'TracingConfig', 'Mode') === 'Active')
    .flatMap(([id, { Properties, DependsOn = [] }]) => {
      const policies = allowed.filter(([, policy]) => refersTo(policy.Properties['Roles'], roleOf(Properties)));
      if (policies.length === 0) return [finding('tracing', id, 'is traced, and its role may not')];
      if (policies.some(([policy]) => [DependsOn].flat().includes(policy))) return [];
      return [finding('tracing', id, `may be changed before its role may trace: has to depend on ${policies[0]?.[0]}`)];
    });
};

/** To go back to a version it has to be kept; one whose deployment is rolled back has to go, or the same code cannot be deployed again. */
const checkVersions: Check = (template) =>
  resourcesOf(template, 'AWS::Lambda::Version')
    .filter(
      ([, { DeletionPolicy, UpdateReplacePolicy }]) =>
        DeletionPolicy !== 'RetainExceptOnCreate' || UpdateReplacePolicy !== 'Retain',
    )
    .map(([id]) => finding('version', id, 'has to be RetainExceptOnCreate, and kept when it is replaced'));

/** What functions have to be: apart from each other, called through their alias, and heard of when they fail. */
export const functionChecks: readonly Check[] = [
  checkOwnRole,
  checkRecursion,
  checkLogGroup,
  checkAlias,
  checkDestination,
  checkPermissions,
  checkTracing,
  checkVersions,
];
