/** A CloudFormation resource of a packaged template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly UpdatePolicy?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
}

/** What would be deployed; intrinsic functions in their long form. */
export interface Template {
  /** By logical id. */
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

/** The checks of our own, by the respect that each looks at. */
export const checkNames = [
  'bucket-private',
  'bucket-owner',
  'bucket-encryption',
  'bucket-tls-only',
  'content-create-only',
  'content-unversioned',
  'data-versioned',
  'bucket-lifecycle',
  'own-role',
  'recursion',
  'log-group',
  'alias',
  'on-failure',
  'invoke-permission',
  'tracing',
  'version',
  'queue-encryption',
  'queue-tls-only',
  'queue-visibility',
  'dead-letters',
  'queue-retention',
  'queue-feed',
  'wildcard',
  'managed-policy',
  'trust',
  'key-use',
  'audit-log',
  'public-policy',
  'route',
  'throttling',
  'access-log',
  'domain-tls',
  'deployment',
  'cell',
  'retained',
  'table-expiry',
  'key',
  'log-retention',
  'log-encryption',
  'table-on-demand',
  'table-recovery',
  'table-deletion',
  'table-encryption',
] as const;

/** The name of a check. */
export type CheckName = (typeof checkNames)[number];

/** One thing that is wrong with a template. */
export interface Finding {
  readonly check: CheckName;
  /** The logical id. */
  readonly resource: string;
  /** What is wrong, for whoever has to mend it. */
  readonly problem: string;
}

/** What is wrong with a template in one respect: nothing, when all is well. */
export type Check = (template: Template) => readonly Finding[];

/** A statement of a policy, with lists where the template may have single values. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The statement as it stands. */
  readonly source: Readonly<Record<string, unknown>>;
}

/** The resources of one type, by logical id. */
export const resourcesOf = (template: Template, type: string): (readonly [id: string, resource: Resource])[] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

const asList = (value: unknown): readonly unknown[] => (value === undefined ? [] : [value].flat());

/** The statements of a policy document. */
export const statementsOf = (document: unknown): readonly Statement[] =>
  asList((document as { Statement?: unknown } | undefined)?.Statement).map((one) => {
    const source = one as Record<string, unknown>;
    return {
      ...(source as unknown as Statement),
      Action: asList(source['Action']) as string[],
      Resource: asList(source['Resource']),
      source,
    };
  });

/** A part of a template as text, to look for names in it. */
export const textOf = (part: unknown): string => JSON.stringify(part ?? null);

/** Whether a part of a template refers to a resource: by `Ref`, `Fn::GetAtt` or within `Fn::Sub`. */
export const refersTo = (part: unknown, id: string): boolean =>
  new RegExp(`\\{"Ref":"${id}"\\}|\\{"Fn::GetAtt":\\["${id}",|\\$\\{${id}(\\.\\w+)?\\}`).test(textOf(part));

/** A value deep in a resource's properties; nothing where a step of the path is missing. */
export const dig = (part: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((value, step) => (value as Record<string | number, unknown> | undefined)?.[step], part);

/** The logical id that a reference names: of `{"Ref": …}` or `{"Fn::GetAtt": […]}`, also where an alias's name is joined to it. */
export const targetOf = (reference: unknown): string | undefined =>
  /"(?:Ref":"|Fn::GetAtt":\[")(\w+)"/.exec(textOf(reference))?.[1];

/** A finding for a resource, in one call. */
export const finding = (check: CheckName, resource: string, problem: string): Finding => ({ check, resource, problem });
