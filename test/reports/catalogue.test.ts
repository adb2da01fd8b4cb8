import { expect, test } from 'vitest';
import { findReportByName, reports } from '../../functions/reports/catalogue.ts';

test('every report is found by its name, and names and operations are unique', () => {
  expect(reports.length).toBeGreaterThan(0);
  for (const report of reports) {
    expect(findReportByName(report.name)).toBe(report);
  }
  for (const key of ['name', 'operation'] as const) {
    expect(new Set(reports.map((report) => report[key])).size).toBe(reports.length);
  }
});

test('what is no report is not found', () => {
  for (const name of ['', 'constructor', 'PATIENTSUSAGEREPORT', 'execute-patient-usage-stats']) {
    expect(findReportByName(name)).toBeUndefined();
  }
});
