import { ErrorCode } from '../error-codes.ts';
import {
  apiVersionsRequest,
  apiVersionsResponse,
  saslHandshakeRequest,
  saslHandshakeResponse,
} from '../messages/api-versions.ts';
import { Writer } from '../wire/writer.ts';
import { type Api, defineApi } from './define-api.ts';

/** API key of the request that clients begin with. */
export const apiVersionsKey = 18;
const versions = [0, 4] as const;

/** Tells clients which versions of which requests are understood: those of `listed` and its own. */
export function createApiVersions(listed: readonly Api[]): Api {
  const apiKeys = [
    ...listed.map((a) => ({ apiKey: a.key, minVersion: a.advertisedMinVersion, maxVersion: a.maxVersion })),
    { apiKey: apiVersionsKey, minVersion: versions[0], maxVersion: versions[1] },
  ];
  return defineApi({
    key: apiVersionsKey,
    versions,
    flexibleFrom: 3,
    request: apiVersionsRequest,
    response: apiVersionsResponse,
    plainHeader: true,
    answer: () => ({ errorCode: ErrorCode.none, apiKeys, throttleTime: 0 }),
  });
}

/** Version 0 of the answer with UNSUPPORTED_VERSION: a client that began with a newer version tries an older one. */
export function refuseApiVersions(correlationId: number): Writer {
  const writer = new Writer(0, false);
  writer.int32(correlationId);
  const apiKeys = [{ apiKey: apiVersionsKey, minVersion: versions[0], maxVersion: versions[1] }];
  apiVersionsResponse.write(writer, { errorCode: ErrorCode.unsupportedVersion, apiKeys, throttleTime: 0 });
  return writer;
}

/** There is no authentication: clients that are configured for it are told so, as Kafka's PLAINTEXT listener does. */
export const saslHandshake = defineApi({
  key: 17,
  versions: [0, 1],
  request: saslHandshakeRequest,
  response: saslHandshakeResponse,
  answer: () => ({ errorCode: ErrorCode.illegalSaslState, mechanisms: [] }),
});
