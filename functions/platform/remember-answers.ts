/**
 * A function of a text alone that remembers what it answered, for texts that come again and again, as headers do. A text without an answer,
 * or whose answer is an error, is not remembered; when `most` of them are, all are forgotten.
 *
 * @param most at least 1
 * @param answer has to answer the same each time
 */
export const rememberAnswers = <Answer>(most: number, answer: (text: string) => Answer): ((text: string) => Answer) => {
  const known = new Map<string, Answer>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = answer(text);
    if (known.size >= most) known.clear();
    if (found !== undefined) known.set(text, found);
    return found;
  };
};
