import type { Broker } from '../broker-state.ts';
import { Reader } from '../wire/reader.ts';
import { skipTags, type Type } from '../wire/schema.ts';
import { Writer } from '../wire/writer.ts';

/** The request under way, besides its fields. */
export interface Call {
  readonly version: number;
  readonly clientId: string;
  readonly clientHost: string;
  /** Aborts when the connection closes: whoever waits for something waits no longer. */
  readonly closed: AbortSignal;
}

/** One kind of request and the versions that this broker understands. */
export interface Api {
  readonly key: number;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** Told to clients as the lowest version, where that differs. */
  readonly advertisedMinVersion: number;
  readonly flexibleFrom: number;
  /** Reads the body, answers it and gives the response with its header; undefined where none is wanted. */
  serve(reader: Reader, correlationId: number, call: Call, broker: Broker): Promise<Writer | undefined>;
}

interface Declaration<Q, A> {
  readonly key: number;
  /** First and last version, both supported. */
  readonly versions: readonly [number, number];
  readonly advertisedMinVersion?: number;
  /** The first version with compact lengths and tagged fields. */
  readonly flexibleFrom?: number;
  readonly request: Type<Q>;
  readonly response: Type<A>;
  /** Response headers have no tagged fields in any version (ApiVersions only). */
  readonly plainHeader?: boolean;
  answer(request: Q, call: Call, broker: Broker): A | undefined | Promise<A | undefined>;
}

export function defineApi<Q, A>(declaration: Declaration<Q, A>): Api {
  const { key, versions, flexibleFrom = 99, request, response, plainHeader = false } = declaration;
  return {
    key,
    minVersion: versions[0],
    maxVersion: versions[1],
    advertisedMinVersion: declaration.advertisedMinVersion ?? versions[0],
    flexibleFrom,
    async serve(reader, correlationId, call, broker) {
      const answer = await declaration.answer(request.read(reader), call, broker);
      if (answer === undefined) return undefined;
      const writer = new Writer(reader.version, reader.flexible);
      writer.int32(correlationId);
      if (reader.flexible && !plainHeader) writer.unsignedVarint(0);
      response.write(writer, answer);
      return writer;
    },
  };
}

/** What stands before the body of every request. */
export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string;
}

/*
  Request Header v1 => request_api_key INT16 request_api_version INT16 correlation_id INT32 client_id NULLABLE_STRING
  Request Header v2, for flexible versions => the same (client_id not compact), then tagged fields
*/
export function readHeader(
  frame: Buffer,
  isFlexible: (apiKey: number, apiVersion: number) => boolean,
): { header: RequestHeader; body: Reader } {
  const plain = new Reader(frame, 0, 0, false);
  const apiKey = plain.int16();
  const apiVersion = plain.int16();
  const correlationId = plain.int32();
  const clientIdLength = plain.int16();
  const clientId = clientIdLength < 0 ? '' : plain.text(clientIdLength);
  const flexible = isFlexible(apiKey, apiVersion);
  const body = new Reader(frame, plain.at, apiVersion, flexible);
  if (flexible) skipTags(body);
  return { header: { apiKey, apiVersion, correlationId, clientId }, body };
}
