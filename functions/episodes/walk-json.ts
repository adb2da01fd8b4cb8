import type { ByteText } from './byte-text.ts';
import {
  closeBrace,
  closeBracket,
  comma,
  openBrace,
  openBracket,
  quote,
  skipBlank,
  skipColon,
  skipString,
  unusual,
} from './skip-json.ts';

/** Where in a text something stands, from the first byte to the one after the last; `from` is {@link unusual} where it is not there. */
export interface Span {
  from: number;
  to: number;
}

/** A span of nothing. */
export const createSpan = (): Span => ({ from: unusual, to: unusual });

/** Makes a span one of nothing. */
export const clearSpan = (span: Span): void => {
  span.from = unusual;
  span.to = unusual;
};

/** A name to compare with. */
export interface Name {
  readonly length: number;
  readonly view: DataView;
}

/** @param name of ASCII characters */
export const createName = (name: string): Name => {
  const bytes = Uint8Array.from(Buffer.from(name));
  return { length: bytes.length, view: new DataView(bytes.buffer) };
};

/** Whether the bytes of a text from `from` on, as many as a name has, are those of the name. */
export const isName = ({ view }: ByteText, from: number, name: Name): boolean => {
  let at = 0;
  for (; at + 4 <= name.length; at += 4) if (view.getInt32(from + at) !== name.view.getInt32(at)) return false;
  for (; at < name.length; at += 1) if (view.getUint8(from + at) !== name.view.getUint8(at)) return false;
  return true;
};

/** Notes where a string stands, without its quotes. Unusual: another value, or a second one: which of two counts is for `JSON.parse` to say. */
export const readString = (text: ByteText, from: number, span: Span): number => {
  if (text.bytes[from] !== quote || span.from !== unusual) return unusual;
  const after = skipString(text, from + 1);
  span.from = from + 1;
  span.to = after - 1;
  return after;
};

/** Reads the value of a member whose key, without its quotes, stands at `key` and has `length` bytes. @returns the position after it, or {@link unusual} */
export type ReadMember = (text: ByteText, key: number, length: number, value: number) => number;

/** Reads an object member by member. @returns the position after it, or {@link unusual}, also where there is no object */
export const readObject = (text: ByteText, from: number, readMember: ReadMember): number => {
  const { bytes } = text;
  if (bytes[from] !== openBrace) return unusual;
  let at = skipBlank(text, from + 1);
  if (bytes[at] === closeBrace) return at + 1;
  for (;;) {
    if (bytes[at] !== quote) return unusual;
    const key = at + 1;
    const afterKey = skipString(text, key);
    if (afterKey === unusual) return unusual;
    const value = skipColon(text, afterKey);
    if (value === unusual) return unusual;
    at = readMember(text, key, afterKey - 1 - key, value);
    if (at === unusual) return unusual;
    at = skipBlank(text, at);
    if (bytes[at] === closeBrace) return at + 1;
    if (bytes[at] !== comma) return unusual;
    at = skipBlank(text, at + 1);
  }
};

/** Reads an array value by value. @returns the position after it, or {@link unusual}, also where there is no array */
export const readArray = (
  text: ByteText,
  from: number,
  readValue: (text: ByteText, from: number) => number,
): number => {
  const { bytes } = text;
  if (bytes[from] !== openBracket) return unusual;
  let at = skipBlank(text, from + 1);
  if (bytes[at] === closeBracket) return at + 1;
  for (;;) {
    at = readValue(text, at);
    if (at === unusual) return unusual;
    at = skipBlank(text, at);
    if (bytes[at] === closeBracket) return at + 1;
    if (bytes[at] !== comma) return unusual;
    at = skipBlank(text, at + 1);
  }
};
