/** What references in a template stand for. */
export interface TemplateScope {
  /** `${param:name}`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What `Ref` gives for a logical id: a table's or bucket's name, a queue's URL. */
  ref(logicalId: string): string;
  /** What `Fn::GetAtt` gives. */
  getAtt(logicalId: string, attribute: string): string;
}

const wholeParameter = /^\$\{param:(\w+)\}$/;

const readParameter = ({ parameters }: TemplateScope, name: string): unknown => {
  if (!Object.hasOwn(parameters, name))
    throw new Error(`infra/stages.yml and infra/regions/ have no parameter ${name}`);
  return parameters[name];
};

const substitute = (text: string, scope: TemplateScope): string =>
  text.replace(/\$\{([^${}!]+)\}/g, (_whole, name: string) => {
    const [logicalId = '', attribute] = name.split('.');
    return attribute === undefined ? scope.ref(logicalId) : scope.getAtt(logicalId, attribute);
  });

const resolveObject = (value: Readonly<Record<string, unknown>>, scope: TemplateScope): unknown => {
  if (typeof value['Ref'] === 'string') return scope.ref(value['Ref']);
  if (typeof value['Fn::Sub'] === 'string') return substitute(value['Fn::Sub'], scope);
  const path = value['Fn::GetAtt'];
  if (Array.isArray(path)) return scope.getAtt(String(path[0]), String(path[1]));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolveTemplate(member, scope)]));
};

/**
 * A part of a template with its parameters and the intrinsic functions `Ref`, `Fn::GetAtt` and `Fn::Sub` replaced by what they
 * stand for.
 *
 * @throws Error for a parameter that there is not, and whatever the scope throws for a resource that there is not
 */
export const resolveTemplate = (value: unknown, scope: TemplateScope): unknown => {
  if (typeof value === 'string') {
    const name = wholeParameter.exec(value)?.[1];
    return name === undefined ? value : resolveTemplate(readParameter(scope, name), scope);
  }
  if (Array.isArray(value)) return value.map((member) => resolveTemplate(member, scope));
  if (typeof value === 'object' && value !== null) return resolveObject(value as Record<string, unknown>, scope);
  return value;
};
