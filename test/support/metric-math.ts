/** The value of each metric or expression in one period, by id; undefined where the period has none. */
export type PeriodValues = Readonly<Record<string, number | undefined>>;

type Value = number | undefined | readonly (number | undefined)[];

/** `a`, `12.5`, `MAX`, or one sign. */
const tokenPattern = /\s*([A-Za-z][A-Za-z0-9_]*|\d+(?:\.\d+)?|[-+*/(),[\]])/y;

const tokenize = (expression: string): string[] => {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < expression.trimEnd().length) {
    const match = tokenPattern.exec(expression);
    if (match?.[1] === undefined) throw new SyntaxError(`not understood: ${expression}`);
    tokens.push(match[1]);
  }
  return tokens;
};

const single = (value: Value): number | undefined => {
  if (typeof value === 'object') throw new SyntaxError('a list where a number is needed');
  return value;
};

const present = (value: Value): readonly number[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is number => one !== undefined);

/** What of CloudWatch's functions `infra/alarms/` uses. */
const functions: Readonly<Record<string, (...values: readonly Value[]) => number | undefined>> = {
  FILL: (value, filler) => single(value) ?? single(filler),
  MAX: (values) => (present(values).length === 0 ? undefined : Math.max(...present(values))),
  SUM: (values) => (present(values).length === 0 ? undefined : present(values).reduce((sum, one) => sum + one, 0)),
};

const operators: Readonly<Record<string, (one: number, other: number) => number>> = {
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '/': (one, other) => one / other,
};

/**
 * A metric math expression of an alarm in one period: numbers, ids, `+ - * /`, parentheses, lists, and FILL, MAX and SUM. As in
 * CloudWatch, an operation with a value that is missing has none.
 *
 * @throws SyntaxError for anything else
 */
export const evaluateMetricMath = (expression: string, values: PeriodValues): number | undefined => {
  const tokens = tokenize(expression);
  const take = (wanted?: string): string => {
    const token = tokens.shift();
    if (token === undefined || (wanted !== undefined && token !== wanted)) {
      throw new SyntaxError(`${wanted ?? 'more'} expected in ${expression}`);
    }
    return token;
  };
  const readList = (end: string): Value[] => {
    const list: Value[] = [];
    while (tokens[0] !== end) {
      if (list.length > 0) take(',');
      list.push(readSum());
    }
    take(end);
    return list;
  };
  const readOperand = (): Value => {
    const token = take();
    if (token === '[') return readList(']').map(single);
    if (token === '(') return readList(')')[0];
    if (/^\d/.test(token)) return Number(token);
    const call = functions[token];
    if (call !== undefined && tokens[0] === '(') {
      take('(');
      return call(...readList(')'));
    }
    if (!Object.hasOwn(values, token)) throw new SyntaxError(`${expression} names ${token}, which is nothing`);
    return values[token];
  };
  const readChain = (next: () => Value, signs: string): Value => {
    let value = next();
    while (tokens[0] !== undefined && signs.includes(tokens[0])) {
      const apply = operators[take()];
      const [one, other] = [single(value), single(next())];
      value = one === undefined || other === undefined ? undefined : apply?.(one, other);
    }
    return value;
  };
  const readProduct = (): Value => readChain(readOperand, '*/');
  function readSum(): Value {
    return readChain(readProduct, '+-');
  }
  const value = single(readSum());
  if (tokens.length > 0) throw new SyntaxError(`${tokens.join(' ')} is left over of ${expression}`);
  return value;
};
