import { DuckDBInstance } from '@duckdb/node-api';
import type { Counts } from './counts.ts';
import { obviousSql, tunedSql } from './duckdb-sql.ts';
import { reportWork } from './report-work.ts';

// A program of its own process: `obvious | tuned <file>`: the statistic as SQL in DuckDB, on one thread.

const [way, path = ''] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();
await reportWork(async () => {
  const answer = await connection.runAndReadAll(way === 'tuned' ? tunedSql(path) : obviousSql(path));
  return answer.getRows().map((row) => row.map(Number)) as unknown as Counts;
});
