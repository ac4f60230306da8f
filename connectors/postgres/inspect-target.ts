import type { ConnectorContext } from '../../engine/connector/context.ts';
import type { ReportOption } from '../../engine/connector/define.ts';
import { findTarget } from './catalog.ts';
import { checkTarget } from './check-target.ts';
import { CheckpointTable, checkpointTableName } from './checkpoint-table.ts';
import { takesWrites } from './connect.ts';
import type { Connection } from './connection.ts';
import { inspectServer } from './inspect-server.ts';
import { hostsText } from './jdbc-url.ts';
import { notFound } from './open-target.ts';
import type { SinkSettings } from './sink.ts';
import { tableText, withSchema } from './table-name.ts';

/** Reports everything that would keep a sink from writing: server, login, table, columns, keys, privileges, positions. */
export async function inspectTarget(
  settings: SinkSettings,
  context: ConnectorContext,
  report: ReportOption,
): Promise<void> {
  await inspectServer(settings.connect, report, async (connection) => {
    if (!(await takesWrites(connection))) {
      report({
        key: 'url',
        code: 'unreachable',
        message: `PostgreSQL at ${hostsText([connection.host])} is a read-only standby`,
        help: "option 'url' must name the primary; it may name several hosts",
      });
    }
    await inspectTable(connection, settings, context, report);
  });
}

async function inspectTable(
  connection: Connection,
  settings: SinkSettings,
  { job, id, timeZone }: ConnectorContext,
  report: ReportOption,
): Promise<void> {
  const { fields, key, newest } = settings;
  const wanted = { fields, primaryKey: key.map((i) => fields[i]!.name) };
  const name = withSchema(settings.table, settings.connect.schema);
  const target = await findTarget(connection, name);
  if (target === undefined) {
    const { message, help } = await notFound(connection, name, wanted);
    report({ key: 'table-name', code: 'missing-target', message, ...(help === undefined ? {} : { help }) });
    return;
  }
  const { castStrings } = settings.connect;
  const fit = { zone: timeZone, castStrings, newest: fields[newest ?? -1]?.name };
  const { problems, warnings } = checkTarget(target, wanted, fit);
  for (const { message, fix } of problems) report({ key: 'table-name', code: 'unfit-target', message, help: fix });
  for (const warning of warnings) {
    report({
      key: 'table-name',
      code: 'unfit-target',
      severity: 'warning',
      message: `values lose something in ${tableText(target.name)}: ${warning}`,
    });
  }
  const given = settings.checkpointTable;
  const positions = new CheckpointTable(checkpointTableName(given, target.name.schema), job, id);
  const obstacle = await positions.obstacle(connection);
  if (obstacle === undefined) return;
  const at = given === undefined ? 'table-name' : 'checkpoint-table';
  report({ key: at, code: 'unfit-target', message: obstacle.message, help: obstacle.fix });
}
