import type { ConnectionOptions } from '@platformatic/kafka';
import { connectionError } from './client-errors.ts';
import { type Address, type Settings, serverName } from './settings.ts';
import { type API, Connection, TimeoutError } from './wire.ts';

/** A new, authenticated connection to a broker. Rejects with a `RunError`. */
export async function connect(address: Address, settings: Settings): Promise<Connection> {
  const { tls, sasl } = settings.security;
  const name = serverName(address.host);
  const options: ConnectionOptions = {
    connectTimeout: settings.connectTimeout,
    requestTimeout: settings.requestTimeout,
    ...(sasl === undefined ? {} : { sasl }),
    ...(tls === undefined ? {} : { tls }),
    ...(tls === undefined || name === undefined ? {} : { tlsServerName: name }),
  };
  const connection = new Connection(settings.clientId, options);
  // Failures reach whoever has a request under way; an 'error' event without listener would end the process.
  connection.on('error', () => {});
  try {
    await connection.connect(address.host, address.port);
  } catch (error) {
    connection.socket?.destroy();
    throw connectionError(error, address, settings);
  }
  return connection;
}

/**
 * Sends one request. Errors that the broker puts into its answer are left to the caller: they stand in the response.
 * A request without answer in time closes the connection, for later answers could not be told apart.
 */
export async function call<A extends unknown[], R>(connection: Connection, api: API<A, R>, ...args: A): Promise<R> {
  try {
    return await api.async(connection, ...args);
  } catch (error) {
    const answered = (error as { response?: R }).response;
    if (answered !== undefined) return answered;
    if (error instanceof TimeoutError) connection.socket.destroy();
    throw error;
  }
}
