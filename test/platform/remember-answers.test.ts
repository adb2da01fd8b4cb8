import { expect, it } from 'vitest';
import { rememberAnswers } from '../../functions/platform/remember-answers.ts';

const setUp = () => {
  const asked: string[] = [];
  const answer = rememberAnswers(2, (text) => {
    asked.push(text);
    if (text === 'bad') throw new TypeError(text);
    return text === '' ? undefined : text.length;
  });
  return { asked, answer };
};

it('asks for the same text once', () => {
  const { asked, answer } = setUp();
  expect(['a', 'bc', 'a', 'bc'].map(answer)).toEqual([1, 2, 1, 2]);
  expect(asked).toEqual(['a', 'bc']);
});

it('does not remember a text that has no answer, or an error', () => {
  const { asked, answer } = setUp();
  expect([answer(''), answer('')]).toEqual([undefined, undefined]);
  for (let times = 0; times < 2; times += 1) expect(() => answer('bad')).toThrow('bad');
  expect(asked).toEqual(['', '', 'bad', 'bad']);
});

it('forgets all when it knows as many as it may', () => {
  const { asked, answer } = setUp();
  expect(['a', 'bc', 'def', 'a', 'def'].map(answer)).toEqual([1, 2, 3, 1, 3]);
  expect(asked).toEqual(['a', 'bc', 'def', 'a']);
});
