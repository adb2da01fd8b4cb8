import { createSocket, type Socket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDnsResolver, type ResolveHost } from '../../functions/auth/resolve-host.ts';

const typeA = 1;
const typeAaaa = 28;

/** Address records by name and type; a name that is not here does not exist. */
const zone = new Map([
  [`v4.example.dk ${typeA}`, Buffer.from([192, 0, 2, 7])],
  [`v6.example.dk ${typeAaaa}`, Buffer.from('20010db8000000000000000000000007', 'hex')],
]);

/** The answer to one query with one question (RFC 1035 section 4). */
const answer = (query: Buffer): Buffer => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  const data = zone.get(`${labels.join('.').toLowerCase()} ${type}`);
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(data === undefined ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(data === undefined ? 0 : 1, 6);
  header.fill(0, 8, 12);
  const question = query.subarray(12, at + 5);
  if (data === undefined) return Buffer.concat([header, question]);
  const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]);
  return Buffer.concat([header, question, record, data]);
};

let server: Socket;
let resolve: ResolveHost;

beforeAll(async () => {
  server = createSocket('udp4', (query, from) => server.send(answer(query), from.port, from.address));
  await new Promise<void>((done) => server.bind(0, '127.0.0.1', done));
  resolve = createDnsResolver([`127.0.0.1:${server.address().port}`]);
});

afterAll(() => {
  server.close();
});

describe('createDnsResolver', () => {
  it('finds IPv4 addresses', async () => {
    expect(await resolve('v4.example.dk')).toEqual(['192.0.2.7']);
  });

  it('finds IPv6 addresses where there are no others', async () => {
    expect(await resolve('v6.example.dk')).toEqual(['2001:db8::7']);
  });

  it('rejects for a name that does not exist', async () => {
    await expect(resolve('nowhere.example.dk')).rejects.toThrow();
  });
});
