import { type } from '../types/data-type.ts';
import { trimControl } from '../types/java-double.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { signature, text } from './signature.ts';

interface Url {
  readonly protocol: string;
  readonly authority: string | null;
  readonly userInfo: string | null;
  readonly host: string;
  readonly path: string;
  readonly query: string | null;
  readonly ref: string | null;
}

const PROTOCOLS = /^(https?|ftp|file|jar|mailto|jrt|jmod)$/;

/** A URL taken apart as java.net.URL does, without normalizing anything; null where that class throws. */
export function parseUrl(source: string): Url | null {
  const spec = trimControl(source).replace(/^url:/i, '');
  const scheme = /^([^/:#]*):/.exec(spec);
  if (scheme === null) return null;
  const protocol = scheme[1]!.toLowerCase();
  if (!PROTOCOLS.test(protocol)) return null;
  let rest = spec.slice(scheme[0].length);
  const hash = rest.indexOf('#');
  const ref = hash < 0 ? null : rest.slice(hash + 1);
  if (hash >= 0) rest = rest.slice(0, hash);
  const mark = rest.indexOf('?');
  const query = mark < 0 ? null : rest.slice(mark + 1);
  if (mark >= 0) rest = rest.slice(0, mark);
  if (!rest.startsWith('//') || rest.startsWith('////')) {
    return { protocol, authority: null, userInfo: null, host: '', path: rest, query, ref };
  }
  const slash = rest.indexOf('/', 2);
  const authority = rest.slice(2, slash < 0 ? rest.length : slash);
  const path = slash < 0 ? '' : rest.slice(slash);
  const server = parseServer(authority);
  return server && { protocol, authority, ...server, path, query, ref };
}

function parseServer(authority: string): { userInfo: string | null; host: string } | null {
  const at = authority.indexOf('@');
  if (at !== authority.lastIndexOf('@')) return { userInfo: null, host: '' };
  const userInfo = at < 0 ? null : authority.slice(0, at);
  const server = authority.slice(at + 1);
  const bracketed = /^(\[[0-9a-fA-F:.%]+\])(?::(.*))?$/.exec(server);
  if (server.startsWith('[') && bracketed === null) return null;
  const colon = server.indexOf(':');
  const host = bracketed?.[1] ?? (colon < 0 ? server : server.slice(0, colon));
  const port = bracketed === null ? (colon < 0 ? '' : server.slice(colon + 1)) : (bracketed[2] ?? '');
  if (port !== '' && (!/^\+?\d+$/.test(port) || Number(port) > 2147483647) && port !== '-1') return null;
  return { userInfo, host };
}

function partOf(url: Url, part: string): string | null {
  switch (part) {
    case 'HOST':
      return url.host;
    case 'PATH':
      return url.path;
    case 'QUERY':
      return url.query;
    case 'REF':
      return url.ref;
    case 'PROTOCOL':
      return url.protocol;
    case 'FILE':
      return url.query === null ? url.path : `${url.path}?${url.query}`;
    case 'AUTHORITY':
      return url.authority;
    case 'USERINFO':
      return url.userInfo;
    default:
      return null;
  }
}

function evaluateParseUrl(source: string, part: string, key?: string): string | null {
  const url = parseUrl(source);
  if (url === null) return null;
  if (key === undefined) return partOf(url, part);
  if (part !== 'QUERY' || url.query === null) return null;
  for (const pair of url.query.split('&')) if (pair.startsWith(`${key}=`)) return pair.slice(key.length + 1);
  return null;
}

export const urls: readonly ScalarFunction[] = [
  defineFunction({
    name: 'PARSE_URL',
    family: 'string',
    doc: 'A part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, AUTHORITY, FILE or USERINFO; of QUERY also one parameter. NULL where it is missing or the URL is none.',
    syntax: ['PARSE_URL(url, part [, key])'],
    examples: [
      { sql: "PARSE_URL('http://example.com/a/b?x=1&y=2#frag', 'HOST')", value: 'example.com' },
      { sql: "PARSE_URL('http://example.com/a/b?x=1&y=2#frag', 'QUERY', 'y')", value: '2' },
      { sql: "PARSE_URL('example.com/x', 'HOST')", value: null },
    ],
    resolve: signature('PARSE_URL', {
      parameters: [text, text, text],
      optional: 1,
      returns: type.string(),
      nullable: true,
      evaluate: evaluateParseUrl,
    }),
  }),
];
