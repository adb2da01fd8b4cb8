import { type CollectionTag, parse, type ScalarTag, type YAMLSeq } from 'yaml';

const listFunctions = ['If', 'Equals', 'Not', 'And', 'Or', 'Join', 'Select'];

/** CloudFormation's short forms that `infra/` uses, read as their long forms. */
const customTags: (ScalarTag | CollectionTag)[] = [
  { tag: '!Ref', resolve: (id: string) => ({ Ref: id }) },
  { tag: '!Sub', resolve: (text: string) => ({ 'Fn::Sub': text }) },
  { tag: '!GetAtt', resolve: (path: string) => ({ 'Fn::GetAtt': path.split('.') }) },
  { tag: '!GetAtt', collection: 'seq', resolve: (items) => ({ 'Fn::GetAtt': (items as YAMLSeq).toJSON() }) },
  ...listFunctions.map(
    (name): CollectionTag => ({
      tag: `!${name}`,
      collection: 'seq',
      resolve: (items) => ({ [`Fn::${name}`]: (items as YAMLSeq).toJSON() }),
    }),
  ),
];

/** A YAML file with CloudFormation's short forms, as plain data. */
export const parseTemplate = (text: string): unknown => parse(text, { customTags, merge: true });
