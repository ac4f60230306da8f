import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetchToken } from '../../../connectors/kafka/fetch-token.ts';
import { RunError } from '../../../engine/connector/errors.ts';

let url = '';
let asked: { headers: IncomingMessage['headers']; body: string } | undefined;
let answer = { status: 200, text: '' };
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    asked = { headers: request.headers, body };
    response.writeHead(answer.status).end(answer.text);
  });
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
});
afterAll(() => void server.close());

const client = () => ({ url, id: 'job', secret: 'planted-secret', scope: 'kafka' });

async function refusal(promise: Promise<string>) {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof RunError)) throw new Error('it was not refused');
  expect(`${error.message} ${error.help}`).not.toContain('planted-secret');
  return { code: error.code, passing: error.passing, message: error.message };
}

it('asks for a token with client credentials', async () => {
  answer = { status: 200, text: '{"access_token":"t","token_type":"Bearer","expires_in":60}' };
  expect(await fetchToken(client())).toBe('t');
  expect(asked?.body).toBe('grant_type=client_credentials&scope=kafka');
  expect(asked?.headers.authorization).toBe(`Basic ${btoa('job:planted-secret')}`);
});

it('stops where the endpoint refuses, and waits where it is away', async () => {
  answer = { status: 401, text: '{"error":"invalid_client"}' };
  expect(await refusal(fetchToken(client()))).toEqual({
    code: 'kafka-authentication',
    passing: false,
    message: `the token endpoint ${url} of option 'properties.sasl.oauthbearer.token.endpoint.url' gives no token to client 'job' (status 401): invalid_client`,
  });
  answer = { status: 503, text: 'busy' };
  expect(await refusal(fetchToken(client()))).toMatchObject({ passing: true });
  expect(await refusal(fetchToken({ ...client(), url: 'http://127.0.0.1:1/token' }))).toMatchObject({
    code: 'kafka-unreachable',
    passing: true,
  });
});
