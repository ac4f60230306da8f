import { array, int16, int32, since, string, struct } from '../wire/schema.ts';

/* ApiVersions Request (0..4) => client_software_name (3+) client_software_version (3+) */
export const apiVersionsRequest = struct({
  clientSoftwareName: since(3, string, ''),
  clientSoftwareVersion: since(3, string, ''),
});

/*
  ApiVersions Response => error_code [api_keys] throttle_time_ms (1+)
    api_keys => api_key min_version max_version
  Always with the old response header, so that clients can read it before they know any version.
*/
export const apiVersionsResponse = struct({
  errorCode: int16,
  apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
  throttleTime: since(1, int32, 0),
});

/* SaslHandshake Request (0..1) => mechanism; Response => error_code [mechanisms] */
export const saslHandshakeRequest = struct({ mechanism: string });
export const saslHandshakeResponse = struct({ errorCode: int16, mechanisms: array(string) });
