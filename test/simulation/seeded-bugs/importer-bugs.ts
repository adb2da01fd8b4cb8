import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Exchange } from '../../../functions/imports/https-exchange.ts';
import { changeUpdates, type SeededBug } from './seeded-bug.ts';

const isManifest = ({ input }: PutObjectCommand): boolean => /^[a-z]+\/manifest\.json$/.test(input.Key ?? '');

const isOfImports = (text: string | undefined): boolean => text?.includes('#revision = :seenRevision') === true;

/** Takes a part of a file for what comes next, whatever the server gave. */
const believeParts = (exchange: Exchange): Exchange => ({
  ...exchange,
  async send(request, signal) {
    const range = request.headers?.['range'];
    if (range === undefined) return exchange.send(request, signal);
    const { range: _range, 'if-range': _ifRange, ...headers } = request.headers ?? {};
    const answer = await exchange.send({ ...request, headers }, signal);
    if (answer.status !== 200) return answer;
    const from = Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
    const size = from + Number(answer.headers['content-length']);
    return {
      ...answer,
      status: 206,
      headers: { ...answer.headers, 'content-range': `bytes ${from}-${size - 1}/${size}` },
    };
  },
});

const bugs: readonly SeededBug[] = [
  {
    name: 'the manifest before the files',
    breaks: ['I3'],
    variant: {
      importer: (importer) => {
        const waiting = new Map<string, () => Promise<void>>();
        return {
          ...importer,
          files: {
            ...importer.files,
            async put(tenantId, name, bytes, contentType) {
              if (!name.endsWith('.ndjson.gz')) return importer.files.put(tenantId, name, bytes, contentType);
              waiting.set(name, () => importer.files.put(tenantId, name, bytes, contentType));
            },
            async publish(...publication) {
              const isPublished = await importer.files.publish(...publication);
              for (const put of waiting.values()) await put();
              return isPublished;
            },
          },
        };
      },
    },
  },
  {
    name: 'a segment recorded before it is stored',
    breaks: ['I3'],
    variant: {
      importer: (importer) => {
        let put = async (): Promise<void> => {};
        return {
          ...importer,
          files: {
            ...importer.files,
            async put(tenantId, name, bytes, contentType) {
              if (!name.endsWith('.ndjson.gz')) return importer.files.put(tenantId, name, bytes, contentType);
              put = () => importer.files.put(tenantId, name, bytes, contentType);
            },
          },
          imports: {
            ...importer.imports,
            async replace(...write) {
              const written = await importer.imports.replace(...write);
              await put();
              put = async () => {};
              return written;
            },
          },
        };
      },
    },
  },
  {
    name: 'a manifest made current whatever is there',
    breaks: ['I7'],
    variant: {
      command(command) {
        if (!(command instanceof PutObjectCommand) || !isManifest(command)) return command;
        const { IfMatch: _seen, IfNoneMatch: _none, ...input } = command.input;
        return new PutObjectCommand(input);
      },
    },
  },
  {
    name: 'a step of an import recorded without its lease',
    breaks: ['I5'],
    variant: {
      command: changeUpdates(
        ({ ConditionExpression }) => isOfImports(ConditionExpression),
        () => ({ ConditionExpression: '#importId = :seenImport' }),
      ),
    },
  },
  {
    name: 'an import that knows no deadline',
    breaks: ['I1'],
    variant: {
      importer: (importer) => ({
        ...importer,
        imports: {
          ...importer.imports,
          async read(tenantId) {
            const held = await importer.imports.read(tenantId);
            return held && { ...held, deadline: Date.UTC(9999, 0) };
          },
        },
      }),
    },
  },
  {
    name: 'an import begun without a condition',
    breaks: ['I5'],
    variant: {
      command(command) {
        if (!(command instanceof PutCommand) || command.input.TableName !== 'imports') return command;
        const { TableName, Item } = command.input;
        return new PutCommand({ TableName, Item });
      },
    },
  },
  {
    name: 'the data set in use forgotten when old ones are removed',
    breaks: ['I3', 'I10'],
    variant: {
      importer: (importer) => {
        let isTidying = false;
        return {
          ...importer,
          files: {
            ...importer.files,
            async removeImport(tenantId, importId, kept) {
              isTidying = kept.size > 0;
              return importer.files.removeImport(tenantId, importId, kept);
            },
            async readManifest(tenantId) {
              const isForgotten = isTidying;
              isTidying = false;
              return isForgotten ? undefined : importer.files.readManifest(tenantId);
            },
          },
        };
      },
    },
  },
  {
    name: 'what was in use a moment ago forgotten when old data sets are removed',
    breaks: ['I10'],
    variant: {
      importer: (importer) => ({
        ...importer,
        files: {
          ...importer.files,
          async readManifest(tenantId) {
            const current = await importer.files.readManifest(tenantId);
            if (current === undefined) return undefined;
            const { extension: _extension, ...manifest } = JSON.parse(current.text) as { extension?: unknown };
            return { ...current, text: JSON.stringify(manifest), modified: 0 };
          },
        },
      }),
    },
  },
  {
    name: 'nobody comes back for what may not be removed at once',
    breaks: ['I8'],
    variant: {
      importer: (importer) => ({
        ...importer,
        imports: {
          ...importer.imports,
          replace(tenantId, seen, { due, ...next }) {
            const isLast = next.tidied === true && next.lease === undefined;
            return importer.imports.replace(tenantId, seen, isLast || due === undefined ? next : { ...next, due });
          },
        },
      }),
    },
  },
  {
    name: 'a file read anew taken for the part that was asked for',
    breaks: ['I10'],
    variant: {
      importer: (importer) => ({
        ...importer,
        openExchange: (source) => believeParts(importer.openExchange(source)),
      }),
    },
  },
  {
    name: 'an address of the export in the log',
    breaks: ['I9'],
    variant: {
      importer: (importer) => ({
        ...importer,
        openExchange(source) {
          const exchange = importer.openExchange(source);
          return {
            ...exchange,
            async send(request, signal) {
              const answer = await exchange.send(request, signal);
              if (answer.status >= 400) importer.logger.log('IMPORT_NOT_QUEUED', { reason: request.url });
              return answer;
            },
          };
        },
      }),
    },
  },
];

/** Faults that somebody could have made in the importer and in what it writes. */
export const importerBugs: readonly SeededBug[] = bugs.map((bug) => ({ ...bug, needsImports: true }));
