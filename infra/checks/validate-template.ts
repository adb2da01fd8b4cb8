import { CelEngine, TemplateFile } from '@aws/cloudformation-validate';

/** What AWS's validator says of one place in a template. */
export interface Diagnostic {
  /** `E…` and `F…` are errors, `W…` warnings, `I…` notes. */
  readonly ruleId: string;
  /** The logical id, where there is one. */
  readonly resource: string;
  readonly message: string;
  /** Why it is left as it is; nothing for what nobody has explained. */
  readonly reason?: string;
}

interface Explanation {
  readonly reason: string;
  /** The resources that it is true of. */
  readonly resources: RegExp;
}

const all = /./;

/** The validator's findings that stay, each with why. Whatever is not here, or of another resource, fails the checks. */
const explanations: Readonly<Record<string, Explanation>> = {
  W3005: {
    reason: 'osls writes DependsOn beside a reference that says the same; the order is right twice',
    resources: /^(\w+LambdaFunction|HttpApiStage|HttpApiRoute\w+)$/,
  },
  I1022: { reason: 'osls joins where it could substitute; the value is the same', resources: all },
  I3011: {
    reason:
      'logs, queues and the key of alarms go with the stack; what is kept is in tables, buckets and the audit log',
    resources: /^(\w+LogGroup|\w+Queue|AlarmKey)$/,
  },
  I9001: {
    reason: 'a note on properties that replace the resource when they are changed: nothing is changed',
    resources: all,
  },
  I9040: {
    reason: 'tags are set on the stack (stackTags in serverless.yml), and CloudFormation hands them on',
    resources: all,
  },
};

const explain = (ruleId: string, resource: string): Pick<Diagnostic, 'reason'> => {
  const explanation = explanations[ruleId];
  return explanation?.resources.test(resource) ? { reason: explanation.reason } : {};
};

/** A validator with its rules compiled, which takes some seconds; it holds memory until it is freed. */
export interface TemplateValidator {
  /**
   * @param file of a template
   * @returns everything that AWS's resource schemas and cfn-lint's rules find, notes included
   */
  validate(file: string, region: string): readonly Diagnostic[];
  free(): void;
}

/** AWS's offline validator of CloudFormation templates: resource schemas, the rules of cfn-lint, and its own. */
export const createTemplateValidator = (): TemplateValidator => {
  const engine = new CelEngine();
  return {
    validate: (file, region) =>
      engine
        .validateStandard(new TemplateFile(file), { pseudoParameterOverrides: { region } })
        .diagnostics.map(({ ruleId, message, entity }) => {
          const resource = entity?.logicalId ?? '';
          return { ruleId, resource, message, ...explain(ruleId, resource) };
        }),
    free: () => engine.free(),
  };
};
