import type { ReportOption } from '../../engine/connector/define.ts';
import { RunError } from '../../engine/connector/errors.ts';
import { connect } from './connect.ts';
import type { Connection } from './connection.ts';

/** Looks at a server over a connection of its own; what is in the way of that, login included, is reported. */
export async function inspectServer(
  where: Parameters<typeof connect>[0],
  report: ReportOption,
  inspect: (connection: Connection) => Promise<void>,
): Promise<void> {
  let connection: Connection | undefined;
  try {
    connection = await connect(where);
    await inspect(connection);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const { message, help } = error;
    report({ key: keyOf(error), code: 'unreachable', message, ...(help === undefined ? {} : { help }) });
  } finally {
    await connection?.close();
  }
}

/** The option at fault when connecting fails. */
function keyOf({ code, message }: RunError): string {
  if (code !== 'jdbc-login') return 'url';
  return message.includes('password') ? 'password' : 'username';
}
