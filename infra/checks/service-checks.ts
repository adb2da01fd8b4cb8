import { type Check, dig, finding, resourcesOf, type Template, targetOf, textOf } from './template.ts';

/** What of a request may be kept: nothing that a caller can put a token, an id or a patient into. */
const harmless =
  /^\$context\.(requestId|requestTime|routeKey|status|responseLength|responseLatency|integrationLatency|integrationStatus|integration\.requestId|error\.responseType)$/;

const checkRoutes: Check = (template) =>
  resourcesOf(template, 'AWS::ApiGatewayV2::Route')
    .filter(([, { Properties }]) => Properties['RouteKey'] !== '$default')
    .map(([id]) => finding('route', id, 'one route for all, so that 404 and 405 are answered in FHIR'));

/** Half of what the audit log takes (PutLogEvents: 5000 a second in most regions). */
const mostRequests = 2500;

const checkStage: Check = (template) =>
  resourcesOf(template, 'AWS::ApiGatewayV2::Stage').flatMap(([id, { Properties }]) => {
    const rate = Number(dig(Properties, 'DefaultRouteSettings', 'ThrottlingRateLimit'));
    const burst = Number(dig(Properties, 'DefaultRouteSettings', 'ThrottlingBurstLimit'));
    const format = dig(Properties, 'AccessLogSettings', 'Format');
    const kept = typeof format === 'string' ? (format.match(/\$context(\.\w+)+/g) ?? []) : [];
    const planted = kept.filter((variable) => !harmless.test(variable));
    return [
      ...(rate > 0 && rate <= mostRequests && burst >= rate
        ? []
        : [finding('throttling', id, 'lets through too much, or nothing')]),
      ...(format === undefined ? [finding('access-log', id, 'keeps no line of a request')] : []),
      ...(planted.length === 0 ? [] : [finding('access-log', id, `keeps what callers choose: ${planted.join(', ')}`)]),
    ];
  });

const checkDomain: Check = (template) =>
  resourcesOf(template, 'AWS::ApiGatewayV2::DomainName')
    .filter(([, { Properties }]) => dig(Properties, 'DomainNameConfigurations', 0, 'SecurityPolicy') !== 'TLS_1_2')
    .map(([id]) => finding('domain-tls', id, 'TLS 1.2 at least'));

/** Functions whose calls are divided while a new version comes into service. The others are called too seldom. */
const shifted = ['Api', 'Worker', 'Dispatcher', 'Importer'];

const groupProblems = (template: Template, group: string): readonly string[] => {
  const properties = template.Resources[group]?.Properties;
  const alarms = (dig(properties, 'AlarmConfiguration', 'Alarms') ?? []) as { Name: unknown }[];
  const rolledBack = (dig(properties, 'AutoRollbackConfiguration', 'Events') ?? []) as string[];
  const known = alarms.filter(({ Name }) => /Alarm$/.test(template.Resources[targetOf(Name) ?? '']?.Type ?? ''));
  return [
    ...(dig(properties, 'AutoRollbackConfiguration', 'Enabled') === true &&
    rolledBack.includes('DEPLOYMENT_STOP_ON_ALARM')
      ? []
      : ['is not rolled back by an alarm']),
    ...(dig(properties, 'AlarmConfiguration', 'Enabled') === true && alarms.length > 0 && known.length === alarms.length
      ? []
      : ['watches no alarm of the stack']),
  ];
};

const checkDeployments: Check = (template) =>
  shifted.flatMap((name) => {
    const update = dig(template.Resources[`${name}LiveAlias`], 'UpdatePolicy', 'CodeDeployLambdaAliasUpdate');
    const group = targetOf(dig(update, 'DeploymentGroupName'));
    if (group === undefined) return [finding('deployment', `${name}LiveAlias`, 'moves to a new version at once')];
    const isOrdered = [template.Resources[`${name}LiveAlias`]?.DependsOn ?? []].flat().includes(group);
    return [
      ...groupProblems(template, group).map((problem) => finding('deployment', group, problem)),
      ...(isOrdered
        ? []
        : [finding('deployment', `${name}LiveAlias`, `may move before ${group} is what it shall be: DependsOn`)]),
    ];
  });

/** AWS's names of regions. */
const regionName = /\b(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?-(?:north|south|east|west|central)(?:east|west)?-\d\b/g;

/**
 * Nothing in a template names another region than its own, or an account: a region is a cell.
 *
 * @param region the one that the template was packaged for
 */
export const checkCell =
  (region: string): Check =>
  ({ Resources }) =>
    Object.entries(Resources).flatMap(([id, resource]) => {
      const text = textOf(resource);
      const others = [...new Set(text.match(regionName) ?? [])].filter((name) => name !== region);
      const account = /arn:[\w-]+:[\w-]+:[\w-]*:\d{12}:/.exec(text)?.[0];
      return [
        ...others.map((name) => `names ${name}`),
        ...(account === undefined ? [] : [`names an account: ${account}`]),
      ].map((problem) => finding('cell', id, problem));
    });

/** What the gateway and deployments have to be. */
export const serviceChecks: readonly Check[] = [checkRoutes, checkStage, checkDomain, checkDeployments];
