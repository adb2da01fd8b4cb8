/** Writes one line to stdout, which Lambda sends to the function's log group. */
export const writeLine = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
