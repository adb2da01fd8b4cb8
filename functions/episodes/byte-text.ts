/**
 * Bytes to be scanned, and the same bytes as a view for reading four or eight at once. After the last one that counts there have to be
 * {@link slack} more, the first of them a line feed: that is what ends every loop over them.
 */
export interface ByteText {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Set to `false` by whoever scans a string and meets a byte of 0x80 or more. */
  isAscii: boolean;
  /** What is open around the value at hand, the innermost in the lowest bit, objects as 1; the highest bit is none of them. */
  open: number;
}

/** Bytes to keep behind those that count, so that eight can be read from any of them, and from behind the line feed. */
export const slack = 16;

const lineFeed = 0x0a;

/** Room for so many bytes, and for what has to stand behind them. */
export const createByteText = (bytes: number): ByteText => {
  return byteTextOver(new Uint8Array(bytes + slack));
};

/** A text of bytes where they lie. What counts of them has to end with a line feed that has {@link slack} bytes behind it. */
export const byteTextOver = ({ buffer, byteOffset, length }: Uint8Array): ByteText => ({
  bytes: Buffer.from(buffer, byteOffset, length),
  view: new DataView(buffer, byteOffset, length),
  isAscii: true,
  open: 1,
});

/** A text of these bytes and a line feed. */
export const byteTextOf = (bytes: Uint8Array): ByteText => {
  const text = createByteText(bytes.length);
  text.bytes.set(bytes);
  text.bytes[bytes.length] = lineFeed;
  return text;
};

/**
 * A string as the bytes that stand for it where strings are compared as bytes: its UTF-8, and for one with lone surrogates, which has
 * none, its UTF-16 behind a byte that no UTF-8 has. Different strings have different bytes.
 */
export const encodeText = (string: string): { readonly text: ByteText; readonly to: number } => {
  const bytes = string.isWellFormed()
    ? Buffer.from(string)
    : Buffer.concat([Buffer.of(0xff), Buffer.from(string, 'utf16le')]);
  return { text: byteTextOf(bytes), to: bytes.length };
};
