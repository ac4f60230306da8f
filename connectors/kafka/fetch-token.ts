import { RunError } from '../../engine/connector/errors.ts';

/** Who asks for a token, and where. */
export interface ClientCredentials {
  readonly url: string;
  readonly id: string;
  readonly secret: string;
  readonly scope: string | undefined;
}

const TIMEOUT = 10_000;

/**
 * A token of OAuth's client credentials grant (RFC 6749, 4.4). Rejects with a `RunError`: passing where the endpoint is
 * away, lasting where it refuses. Messages hold neither secret nor token.
 */
export async function fetchToken({ url, id, secret, scope }: ClientCredentials): Promise<string> {
  const where = `the token endpoint ${url} of option 'properties.sasl.oauthbearer.token.endpoint.url'`;
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) }),
      signal: AbortSignal.timeout(TIMEOUT),
    });
    status = response.status;
    text = await response.text();
  } catch (cause) {
    const reason = ((cause as Error).cause as Error | undefined)?.message || (cause as Error).message;
    throw new RunError('kafka-unreachable', `${where} cannot be reached: ${reason}`, { passing: true, cause });
  }
  const answer = readAnswer(text);
  if (status === 200 && typeof answer.access_token === 'string') return answer.access_token;
  const said = typeof answer.error === 'string' ? `: ${answer.error}` : '';
  throw new RunError('kafka-authentication', `${where} gives no token to client '${id}' (status ${status})${said}`, {
    passing: status === 429 || status >= 500,
    help: "check clientId, clientSecret and scope in 'properties.sasl.jaas.config'",
  });
}

function readAnswer(text: string): { readonly access_token?: unknown; readonly error?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {}; // No JSON is no token.
  }
}
