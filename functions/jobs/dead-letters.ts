/** The queue of messages that were delivered too often. It is evidence for operators: no function takes anything out of it. */
export interface DeadLetters {
  /**
   * How many messages there are, those included that somebody looks at right now. Approximate: SQS counts with a delay of up to a minute.
   *
   * @throws ServiceError as `toDependencyError` has it
   */
  count(): Promise<number>;
}
