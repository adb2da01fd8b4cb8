import { type Check, dig, finding, refersTo, resourcesOf, statementsOf, type Template, targetOf } from './template.ts';

/** SQS keeps messages for 14 days at most. */
const longest = 1_209_600;

const checkEncryption: Check = (template) =>
  resourcesOf(template, 'AWS::SQS::Queue')
    .filter(
      ([, { Properties }]) => Properties['SqsManagedSseEnabled'] !== true && Properties['KmsMasterKeyId'] === undefined,
    )
    .map(([id]) => finding('queue-encryption', id, 'has to be encrypted'));

const isTlsOnly = (template: Template, queue: string): boolean =>
  resourcesOf(template, 'AWS::SQS::QueuePolicy')
    .filter(([, { Properties }]) => refersTo(Properties['Queues'], queue))
    .flatMap(([, { Properties }]) => statementsOf(Properties['PolicyDocument']))
    .some(
      ({ Effect, Action, Principal, Condition, Resource }) =>
        Effect === 'Deny' &&
        Action.includes('sqs:*') &&
        Principal === '*' &&
        String(dig(Condition, 'Bool', 'aws:SecureTransport')) === 'false' &&
        refersTo(Resource, queue),
    );

const checkTls: Check = (template) =>
  resourcesOf(template, 'AWS::SQS::Queue')
    .filter(([id]) => !isTlsOnly(template, id))
    .map(([id]) => finding('queue-tls-only', id, 'its policy has to deny everything without TLS'));

/** A queue that feeds a function, and the function. */
const feedsOf = (template: Template) =>
  resourcesOf(template, 'AWS::Lambda::EventSourceMapping').flatMap(([id, { Properties }]) => {
    const queue = targetOf(Properties['EventSourceArn']) ?? '';
    if (template.Resources[queue]?.Type !== 'AWS::SQS::Queue') return [];
    return [{ id, mapping: Properties, queue, target: targetOf(Properties['FunctionName']) ?? '' }];
  });

const propertiesOf = ({ Resources }: Template, id: string) => Resources[id]?.Properties ?? {};

const checkVisibility: Check = (template) =>
  feedsOf(template).flatMap(({ queue, target }) => {
    const visibility = Number(propertiesOf(template, queue)['VisibilityTimeout'] ?? 30);
    const needed = 6 * Number(propertiesOf(template, target)['Timeout'] ?? 3);
    if (visibility >= needed) return [];
    return [
      finding(
        'queue-visibility',
        queue,
        `messages come back after ${visibility} s; six times ${target}'s timeout is ${needed} s`,
      ),
    ];
  });

/** A message comes to the dead letters only when it is still there after its deliveries; one time more, since it waits before the first, too. */
const checkRetention: Check = (template) =>
  feedsOf(template).flatMap(({ queue }) => {
    const { RedrivePolicy, VisibilityTimeout = 30, MessageRetentionPeriod = 345_600 } = propertiesOf(template, queue);
    const deliveries = Number(dig(RedrivePolicy, 'maxReceiveCount') ?? 0);
    const needed = (deliveries + 1) * Number(VisibilityTimeout);
    if (Number(MessageRetentionPeriod) >= needed) return [];
    return [
      finding(
        'queue-retention',
        queue,
        `messages are gone after ${MessageRetentionPeriod} s, before ${deliveries} deliveries are over: ${needed} s at least`,
      ),
    ];
  });

const checkDeadLetters: Check = (template) =>
  feedsOf(template).flatMap(({ queue }) => {
    const { RedrivePolicy, MessageRetentionPeriod } = propertiesOf(template, queue);
    const deadLetters = targetOf(dig(RedrivePolicy, 'deadLetterTargetArn'));
    if (deadLetters === undefined) return [finding('dead-letters', queue, 'has no queue for dead letters')];
    const kept = Number(propertiesOf(template, deadLetters)['MessageRetentionPeriod']);
    return [
      ...(Number(dig(RedrivePolicy, 'maxReceiveCount')) >= 5
        ? []
        : [finding('dead-letters', queue, 'five deliveries at least')]),
      ...(kept === longest && kept > Number(MessageRetentionPeriod)
        ? []
        : [finding('dead-letters', deadLetters, 'keeps them for 14 days, longer than the queue that they come from')]),
    ];
  });

const checkFeeds: Check = (template) =>
  feedsOf(template).flatMap(({ id, mapping }) =>
    [
      ...(Number(dig(mapping, 'ScalingConfig', 'MaximumConcurrency')) >= 2
        ? []
        : ['has no maximum concurrency (2 at least)']),
      ...(String(mapping['FunctionResponseTypes']) === 'ReportBatchItemFailures'
        ? []
        : ['has to hear which messages failed']),
    ].map((problem) => finding('queue-feed', id, problem)),
  );

/** What queues have to be: encrypted, over TLS, patient enough, and with a place for what died. */
export const queueChecks: readonly Check[] = [
  checkEncryption,
  checkTls,
  checkVisibility,
  checkRetention,
  checkDeadLetters,
  checkFeeds,
];
