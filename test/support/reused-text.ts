import { type ByteText, createByteText } from '../../functions/episodes/byte-text.ts';

const reused: ByteText = createByteText(4096);

/** A string's UTF-8 in a text that the next call overwrites: for tests that need very many of them. At most a thousand characters. */
export const reusedText = (string: string): { readonly text: ByteText; readonly to: number } => ({
  text: reused,
  to: reused.bytes.write(string),
});
