/** A bug that somebody could write into `infra/alarms/`. */
export interface TemplateBug {
  readonly name: string;
  /** Writes it into the JSON of the packaged resources. */
  change(json: string): string;
  /** What has to be said of it. */
  readonly fault: RegExp;
}

const ofAlarm = (json: string, id: string, changes: Readonly<Record<string, unknown>>): string => {
  const template = JSON.parse(json) as Record<string, { Properties: object }>;
  const alarm = template[id];
  if (alarm !== undefined) template[id] = { ...alarm, Properties: { ...alarm.Properties, ...changes } };
  return JSON.stringify(template);
};

/** Bugs by what they are about; of each at least one in an alarm and one in the dashboard or an expression. */
export const seedTemplateBugs: readonly TemplateBug[] = [
  {
    name: 'a misspelt metric in an alarm',
    change: (json) => ofAlarm(json, 'DeadLettersAlarm', { MetricName: 'DeadLetter' }),
    fault: /no event carries DeadLetter$/,
  },
  {
    name: 'a misspelt metric in the dashboard',
    change: (json) => json.replace('\\"PlacedOrders\\"', '\\"PlacedOrder\\"'),
    fault: /no event carries PlacedOrder$/,
  },
  {
    name: 'another namespace in an alarm',
    change: (json) => ofAlarm(json, 'FailedJobsAlarm', { Namespace: 'ServerlessReporting' }),
    fault: /nobody emits ServerlessReporting/,
  },
  {
    name: "AWS's metric in our namespace",
    change: (json) => ofAlarm(json, 'ApiErrorsAlarm', { Namespace: 'serverless-reporting' }),
    fault: /no event carries Errors/,
  },
  {
    name: 'a dimension too many',
    change: (json) =>
      ofAlarm(json, 'IssuerFailuresAlarm', {
        Dimensions: [
          { Name: 'Stage', Value: 'prod' },
          { Name: 'Tenant', Value: 'demo' },
        ],
      }),
    fault: /IssuerFailures has the dimensions Stage/,
  },
  {
    name: 'no dimension at all',
    change: (json) => ofAlarm(json, 'TicksMissingAlarm', { Dimensions: [] }),
    fault: /Ticks has the dimensions Stage/,
  },
  {
    name: 'the dimension of another stage',
    change: (json) => ofAlarm(json, 'OldestJobAgeAlarm', { Dimensions: [{ Name: 'Stage', Value: 'dev' }] }),
    fault: /OldestJobAge of another stage/,
  },
  {
    name: 'a route that there is not, in an expression',
    change: (json) => json.replace('"Value":"Binary history"', '"Value":"BinaryHistory"'),
    fault: /RequestDuration has no Route BinaryHistory/,
  },
  {
    name: 'a gateway of a kind that has other metrics',
    change: (json) => ofAlarm(json, 'ApiServerErrorsAlarm', { MetricName: '5XXError' }),
    fault: /AWS\/ApiGateway has no 5XXError/,
  },
  {
    name: 'a function that there is not',
    change: (json) => json.replaceAll('{WorkerLambdaFunction}', '{ReporterLambdaFunction}'),
    fault: /ReporterLambdaFunction is no AWS::Lambda::Function/,
  },
  {
    name: 'an ARN where the name of a queue is needed',
    change: (json) =>
      json.replace(
        '"Value":{"Fn::GetAtt":["ReportQueue","QueueName"]}',
        '"Value":{"Fn::GetAtt":["ReportQueue","Arn"]}',
      ),
    fault: /ReportQueue\.Arn is no AWS::SQS::Queue/,
  },
  {
    name: 'the mean of what is counted',
    change: (json) => ofAlarm(json, 'AuditEventsLostAlarm', { Statistic: 'Average' }),
    fault: /Average says nothing of AuditEventsLost/,
  },
  {
    name: 'the sum of an age',
    change: (json) => ofAlarm(json, 'OldestJobAgeAlarm', { Statistic: 'Sum' }),
    fault: /Sum says nothing of OldestJobAge/,
  },
  {
    name: 'the most of the time that is left',
    change: (json) => ofAlarm(json, 'ScheduledReportsLateAlarm', { Statistic: 'Maximum' }),
    fault: /Maximum says nothing of ScheduledTimeLeft/,
  },
  {
    name: 'a unit in which nothing is emitted',
    change: (json) => ofAlarm(json, 'OldestJobAgeAlarm', { Unit: 'Milliseconds' }),
    fault: /OldestJobAge is in Seconds/,
  },
  {
    name: 'a period that CloudWatch does not have',
    change: (json) => ofAlarm(json, 'FailedJobsAlarm', { Period: 90 }),
    fault: /a period of 90 s/,
  },
];
