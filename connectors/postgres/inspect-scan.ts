import type { ReportOption } from '../../engine/connector/define.ts';
import { RunError } from '../../engine/connector/errors.ts';
import { findTarget, type Target } from './catalog.ts';
import { inspectServer } from './inspect-server.ts';
import { quoteName } from './quote.ts';
import { columnOf, notThere } from './read-columns.ts';
import type { ScanSettings } from './scan.ts';
import { quoteTable, tableText } from './table-name.ts';

/** Reports everything that would keep a scan from reading: server, login, table, columns, privileges. */
export async function inspectScan(settings: ScanSettings, report: ReportOption): Promise<void> {
  await inspectServer(settings.connect, report, async (connection) => {
    const target = await findTarget(connection, settings.table);
    if (target === undefined) {
      const { message, help } = await notThere(connection, settings.table);
      report({ key: 'table-name', code: 'missing-target', message, ...(help === undefined ? {} : { help }) });
      return;
    }
    for (const field of settings.wanted) inspectColumn(target, field, report);
  });
}

function inspectColumn(target: Target, field: ScanSettings['wanted'][number], report: ReportOption): void {
  try {
    const column = columnOf(field, target);
    if (column.may.select && target.maySeeSchema) return;
    report({
      key: 'table-name',
      code: 'unfit-target',
      message: `user '${target.user}' may not read column '${field.name}' of ${tableText(target.name)}`,
      help: `GRANT USAGE ON SCHEMA ${quoteName(target.name.schema)} TO ${quoteName(target.user)}; GRANT SELECT ON ${quoteTable(target.name)} TO ${quoteName(target.user)}`,
    });
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const { message, help } = error;
    report({ key: 'table-name', code: 'unfit-target', message, ...(help === undefined ? {} : { help }) });
  }
}
