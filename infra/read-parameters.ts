import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseTemplate } from './parse-template.ts';

/** Values of `${param:…}` in `serverless.yml` and `infra/`, by name. A value may be an intrinsic function in its long form. */
export type Parameters = Readonly<Record<string, unknown>>;

/** The region or the stage is none of `infra/`, or its files do not fit; the message names the file and what to do in it. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
}

/** Where the service goes when no region is named. */
export const defaultRegion = 'eu-north-1';

/** What is deployed when no stage is named. */
export const defaultStage = 'dev';

const infra = fileURLToPath(new URL('./', import.meta.url));

/** Only a region's file knows these. */
const regionalParameters = ['residency', 'country'];

const readSections = (name: string): Sections => parseTemplate(readFileSync(`${infra}${name}`, 'utf8')) as Sections;

/** The regions that have a file, in alphabetical order. */
export const listRegions = (): string[] =>
  readdirSync(`${infra}regions`)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => name.slice(0, -'.yml'.length))
    .sort();

const readRegion = (region: string): Sections => {
  // The name becomes part of a path.
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) throw new ParameterError(`${region} is not the name of an AWS region.`);
  if (!existsSync(`${infra}regions/${region}.yml`)) {
    const known = listRegions().join(', ');
    throw new ParameterError(
      `Nothing is known of the region ${region}: add infra/regions/${region}.yml, after the example of another one (${known}).`,
    );
  }
  return readSections(`regions/${region}.yml`);
};

const refuseUnknown = (file: string, sections: Sections, known: readonly string[]): void => {
  for (const [section, values] of Object.entries(sections)) {
    for (const name of Object.keys(values)) {
      if (known.includes(name)) continue;
      throw new ParameterError(
        `${file}, ${section}: there is no parameter ${name}. Those that there are stand in infra/stages.yml, under default.`,
      );
    }
  }
};

/** An own domain is the public address, unless another one is named. `domain` says which section of `infra/resources/domain.yml` is used. */
const settleDomain = (parameters: Parameters, { baseUrl }: Parameters): Parameters => {
  const { domainName, certificateArn } = parameters;
  if (domainName === '') return { ...parameters, domain: 'gateway' };
  if (certificateArn === '')
    throw new ParameterError(`The domain ${String(domainName)} wants a certificateArn beside it.`);
  const own = parameters['baseUrl'] === baseUrl ? { baseUrl: `https://${String(domainName)}/fhir` } : {};
  return { ...parameters, ...own, domain: 'own' };
};

/**
 * Parameters as the command line gives them.
 *
 * @param given `name=value`, each
 * @throws ParameterError for what is not of this form
 */
export const readOverrides = (given: readonly string[] = []): Parameters =>
  Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined) throw new ParameterError(`--param is name=value, and ${text} is not.`);
      return [name, value];
    }),
  );

/** Sections of parameters, as `infra/stages.yml` and the files of `infra/regions/` hold them: `default`, and one for each stage. */
export type Sections = Readonly<Record<string, Parameters>>;

/** What a region's parameters are made of. */
export interface ParameterSources {
  /** `infra/stages.yml`. */
  readonly stages: Sections;
  /** Of the region. */
  readonly region: Sections;
  /** Of the command line. */
  readonly overrides: Parameters;
}

/**
 * The parameters of one stage in one region: the defaults, over them what the region says, over that the stage, then what the
 * region says of this stage, and last what the command line gives; and `stage`, its name.
 *
 * @param region its name, for messages
 * @throws ParameterError for an unknown stage or parameter, and where the stage does not let data rest in the region
 */
export const layParameters = (sources: ParameterSources, region: string, stage: string): Parameters => {
  const { default: defaults = {}, ...stages } = sources.stages;
  const ofStage = stages[stage];
  const names = Object.keys(stages);
  if (ofStage === undefined) {
    throw new ParameterError(
      `Nothing is known of the stage ${stage}: add a section ${stage} to infra/stages.yml (${names.join(', ')}).`,
    );
  }
  const known = Object.keys(defaults);
  const file = `infra/regions/${region}.yml`;
  refuseUnknown('infra/stages.yml', stages, known);
  refuseUnknown('--param', { 'on the command line': sources.overrides }, known);
  refuseUnknown(file, sources.region, [...known, ...regionalParameters]);
  const odd = Object.keys(sources.region).find((section) => section !== 'default' && !names.includes(section));
  if (odd !== undefined) throw new ParameterError(`${file} has a section ${odd}, and there is no such stage.`);
  const layers = [defaults, sources.region['default'], ofStage, sources.region[stage], sources.overrides, { stage }];
  const parameters = Object.assign({}, ...layers) as Parameters;
  const { residency, allowedResidency } = parameters;
  if (residency === undefined) throw new ParameterError(`${file} does not say residency.`);
  if (allowedResidency !== 'any' && allowedResidency !== residency) {
    throw new ParameterError(
      `The stage ${stage} lets data rest in ${String(allowedResidency)} alone (allowedResidency in infra/stages.yml), and ${region} is in ${String(residency)}.`,
    );
  }
  return settleDomain(parameters, defaults);
};

/**
 * The parameters of one stage in one region, from the files of `infra/`.
 *
 * @param region the name of an AWS region; it has to have a file in `infra/regions/`
 * @param stage a section of `infra/stages.yml`
 * @param overrides what the command line gives
 * @throws ParameterError for an unknown region, stage or parameter, and where the stage does not let data rest in the region
 */
export const readParameters = (
  region: string = defaultRegion,
  stage: string = defaultStage,
  overrides: Parameters = {},
): Parameters =>
  layParameters({ stages: readSections('stages.yml'), region: readRegion(region), overrides }, region, stage);
