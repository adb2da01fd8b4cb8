import type { ByteText } from './byte-text.ts';

/** What the functions here return instead of a position where there is something that they leave to `JSON.parse`. */
export const unusual = -1;

/** The byte of `"`. */
export const quote = 0x22;
/** The byte of `,`. */
export const comma = 0x2c;
/** The byte of `{`. */
export const openBrace = 0x7b;
/** The byte of `}`. */
export const closeBrace = 0x7d;
/** The byte of `[`. */
export const openBracket = 0x5b;
/** The byte of `]`. */
export const closeBracket = 0x5d;
/** The byte of `:`. */
export const colon = 0x3a;
const backslash = 0x5c;
const minus = 0x2d;
const zero = 0x30;

/** Values nested in thirty others are left to `JSON.parse`. */
const deepest = 1 << 30;

const isDigit = (byte: number): boolean => byte >= zero && byte <= 0x39;

const skipBlanks = ({ bytes }: ByteText, from: number): number => {
  let at = from;
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x09 || byte === 0x0d; byte = bytes[at]) at += 1;
  return at;
};

/** The first position from `from` on that is not a space, tab or carriage return. A line has no line feed inside. */
export const skipBlank = (text: ByteText, from: number): number =>
  (text.bytes[from] ?? 0) > 0x20 ? from : skipBlanks(text, from);

/**
 * Sets the highest bit in those of four bytes at which a string may end or is unusual, or none: of bytes below 0x80 the first subtraction
 * sets it in those below 0x23, which are the quote, control characters, space and exclamation mark, the second one in backslashes. It may
 * be set wrongly, but only in bytes above one where it is right.
 */
const findStops = (four: number): number =>
  ((four - 0x23232323) | four | ((four ^ 0x5c5c5c5c) - 0x01010101)) & 0x80808080;

/**
 * The position after the closing quote of a string whose first character is at `from`. Unusual: an escape, or a control character.
 * Bytes beyond ASCII are noted in the text's `isAscii` and not looked at.
 */
export const skipString = (text: ByteText, from: number): number => {
  const { bytes, view } = text;
  let at = from;
  for (;;) {
    let stops = findStops(view.getInt32(at, true));
    if (stops === 0) {
      at += 4;
      stops = findStops(view.getInt32(at, true));
    }
    if (stops === 0) {
      at += 4;
      continue;
    }
    at += (31 - Math.clz32(stops & -stops)) >> 3;
    const byte = bytes[at] ?? 0;
    at += 1;
    if (byte === quote) return at;
    if (byte < 0x20 || byte === backslash) return unusual;
    if (byte >= 0x80) text.isAscii = false;
  }
};

const skipDigits = ({ bytes }: ByteText, from: number): number => {
  let at = from;
  while (isDigit(bytes[at] ?? 0)) at += 1;
  return at > from ? at : unusual;
};

/** The position after a number (RFC 8259, section 6). */
const skipNumber = (text: ByteText, from: number): number => {
  const { bytes } = text;
  let at = bytes[from] === minus ? from + 1 : from;
  at = bytes[at] === zero ? at + 1 : skipDigits(text, at);
  if (at !== unusual && bytes[at] === 0x2e) at = skipDigits(text, at + 1);
  if (at === unusual || ((bytes[at] ?? 0) | 0x20) !== 0x65) return at;
  const sign = bytes[at + 1];
  return skipDigits(text, sign === 0x2b || sign === minus ? at + 2 : at + 1);
};

/** `alse`, `true` and `null`, four bytes each as a little-endian number. */
const [alse, rue, ull] = [0x65736c61, 0x65757274, 0x6c6c756e];

const skipScalar = (text: ByteText, from: number): number => {
  const { bytes, view } = text;
  const byte = bytes[from] ?? 0;
  if (byte === minus || isDigit(byte)) return skipNumber(text, from);
  if (byte === 0x66) return view.getInt32(from + 1, true) === alse ? from + 5 : unusual;
  const four = view.getInt32(from, true);
  return four === rue || four === ull ? from + 4 : unusual;
};

/** The position of a member's value, given the one after its key's closing quote. */
export const skipColon = (text: ByteText, from: number): number => {
  const at = skipBlank(text, from);
  return text.bytes[at] === colon ? skipBlank(text, at + 1) : unusual;
};

/** The position of the value of a member whose key is to begin at `from`. */
const skipKey = (text: ByteText, from: number): number => {
  if (text.bytes[from] !== quote) return unusual;
  const at = skipString(text, from + 1);
  return at === unusual ? unusual : skipColon(text, at);
};

/** Goes down to the first value inside of which no other begins, and returns the position after it. Notes in `open` what it went into. */
const descend = (text: ByteText, from: number): number => {
  const { bytes } = text;
  let at = from;
  for (let byte = bytes[at] ?? 0; byte === openBrace || byte === openBracket; byte = bytes[at] ?? 0) {
    at = skipBlank(text, at + 1);
    if (bytes[at] === byte + 2) return at + 1;
    if (text.open >= deepest) return unusual;
    text.open = (text.open << 1) | (byte === openBrace ? 1 : 0);
    if (byte === openBrace) at = skipKey(text, at);
    if (at === unusual) return unusual;
  }
  return bytes[at] === quote ? skipString(text, at + 1) : skipScalar(text, at);
};

/** Goes up from after a value, and returns the position of the next one; the one after the outermost where there is none. */
const ascend = (text: ByteText, from: number): number => {
  const { bytes } = text;
  let at = skipBlank(text, from);
  while (bytes[at] === ((text.open & 1) === 1 ? closeBrace : closeBracket)) {
    text.open >>>= 1;
    if (text.open === 1) return at + 1;
    at = skipBlank(text, at + 1);
  }
  if (bytes[at] !== comma) return unusual;
  at = skipBlank(text, at + 1);
  return (text.open & 1) === 1 ? skipKey(text, at) : at;
};

/**
 * The position after a JSON value that begins at `from`, checked to the letter of RFC 8259; whether bytes beyond ASCII are
 * UTF-8 is left to the caller, and what is unusual to `JSON.parse`.
 */
export const skipValue = (text: ByteText, from: number): number => {
  text.open = 1;
  for (let at = from; ; ) {
    at = descend(text, at);
    if (at === unusual || text.open === 1) return at;
    at = ascend(text, at);
    if (at === unusual || text.open === 1) return at;
  }
};
