import { ImportError } from './import-problem.ts';

const unusable = (why: string) => new ImportError('FILE_UNUSABLE', why);

const quote = 0x22;
const backslash = 0x5c;
const longestName = 64;

/** An escape that the end of a chunk has cut: `\`, `\u`, `\u0`, … */
const cutEscape = /\\(?:u[0-9a-fA-F]{0,3})?$/;

/** Base64 (RFC 4648 section 4) that comes in pieces, JSON escapes and white space included. */
const createBase64Decoder = () => {
  let left = '';
  let isPadded = false;
  const plainOf = (text: string): string => {
    if (!text.includes('\\')) return text;
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch {
      throw unusable('The data of a Binary has an escape that is none.');
    }
  };
  return {
    push(piece: string): Uint8Array {
      const cut = cutEscape.exec(piece)?.index ?? piece.length;
      const text = left + plainOf(piece.slice(0, cut)).replace(/[ \t\r\n]+/g, '');
      const whole = text.length - (text.length % 4);
      const ready = text.slice(0, whole);
      left = text.slice(whole);
      if (ready !== '' && isPadded) throw unusable('The data of a Binary goes on after its padding.');
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(ready) || !/^[A-Za-z0-9+/]*=?$/.test(left)) {
        throw unusable('The data of a Binary is not base64.');
      }
      isPadded ||= ready.endsWith('=');
      this.pending = piece.slice(cut);
      return Buffer.from(ready, 'base64');
    },
    /** The escape that was cut: it belongs before the next piece. */
    pending: '',
    end(): void {
      if (left !== '' || this.pending !== '')
        throw unusable('The data of a Binary is cut off within a group of base64.');
    },
  };
};

/** Walks through the JSON of a Binary and gives the strings of its own members to `visit`: the name, and the next piece of the value. */
class BinaryWalk {
  depth = 0;
  isOver = false;
  private name = '';
  private isName = true;
  private text = '';
  private inString = false;
  private isEscaped = false;
  private readonly visit: (name: string, piece: string, isEnd: boolean) => void;

  constructor(visit: (name: string, piece: string, isEnd: boolean) => void) {
    this.visit = visit;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; )
      at = this.inString ? this.readString(chunk, at) : this.readStructure(chunk, at);
  }

  /** From within a string to behind its end, or the end of the chunk. */
  private readString(chunk: Buffer, from: number): number {
    let at = from;
    for (; at < chunk.length; at++) {
      if (this.isEscaped) this.isEscaped = false;
      else if (chunk[at] === backslash) this.isEscaped = true;
      else if (chunk[at] === quote) break;
      else if (this.depth === 1 && !this.isName) {
        // The long strings: on to the next that can matter.
        const next = Math.min(
          ...[quote, backslash].map((byte) => chunk.indexOf(byte, at)).filter((index) => index !== -1),
        );
        at = (Number.isFinite(next) ? next : chunk.length) - 1;
      }
    }
    const isEnd = at < chunk.length;
    if (isEnd) this.inString = false;
    if (this.depth !== 1) return at + 1;
    const piece = chunk.toString('latin1', from, at);
    if (!this.isName) this.visit(this.name, piece, isEnd);
    else this.text = (this.text + piece).slice(0, longestName);
    return at + 1;
  }

  private readStructure(chunk: Buffer, at: number): number {
    const char = String.fromCharCode(chunk[at] ?? 0);
    if (this.isOver && char.trim() !== '') throw unusable('A file is JSON, but goes on after its Binary.');
    if (char === '"') {
      this.inString = true;
      this.text = '';
    } else if (char === '{' || char === '[') this.depth += 1;
    else if (char === '}' || char === ']') {
      this.depth -= 1;
      this.isOver = this.depth === 0;
    } else if (this.depth === 1 && char === ':') {
      this.name = this.text;
      this.isName = false;
    } else if (this.depth === 1 && char === ',') this.isName = true;
    else if (this.depth === 0 && char.trim() !== '') throw unusable('A file is said to be JSON, and is none.');
    return at + 1;
  }
}

/**
 * The content of a FHIR Binary: what its member `data` has in base64, however large. Streams; members may stand in any order. One without
 * `data` may be one whose content the server keeps elsewhere, as HAPI can for large ones: it is refused unless the file is to be empty.
 *
 * @throws ImportError `FILE_UNUSABLE` where it is no Binary, has no data or its data is no base64; `FILE_INCOMPLETE` when the JSON is cut off
 */
export async function* decodeBinary(
  chunks: AsyncIterable<Uint8Array>,
  mayBeEmpty: boolean,
): AsyncGenerator<Uint8Array> {
  const decoder = createBase64Decoder();
  let ready: Uint8Array[] = [];
  let type = '';
  let isDataOver = false;
  let hasData = false;
  const walk = new BinaryWalk((name, piece, isEnd) => {
    if (name === 'resourceType') type = (type + piece).slice(0, longestName);
    if (name !== 'data') return;
    hasData = true;
    if (isDataOver) throw unusable('A Binary has data twice.');
    ready.push(decoder.push(decoder.pending + piece));
    if (isEnd) decoder.end();
    isDataOver = isEnd;
  });
  for await (const chunk of chunks) {
    walk.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    yield* ready.filter(({ length }) => length > 0);
    ready = [];
  }
  if (!walk.isOver) throw new ImportError('FILE_INCOMPLETE', 'A Binary is cut off.');
  if (type !== 'Binary') throw unusable('A file is JSON, but no Binary.');
  if (!hasData && !mayBeEmpty) throw unusable('A Binary has no data.');
}
