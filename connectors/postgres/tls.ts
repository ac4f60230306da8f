import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { RunError } from '../../engine/connector/errors.ts';
import type { ConnectSettings } from './jdbc-url.ts';

/**
 * TLS for a mode of libpq. 'require' verifies the certificate only where a root certificate is at hand, 'verify-ca'
 * always, 'verify-full' the host's name too; without a root certificate of one's own those of Node.js count.
 */
export function tlsOptions(settings: ConnectSettings): ConnectionOptions {
  const { sslMode } = settings;
  const root = settings.sslRootCert === 'system' ? undefined : (settings.sslRootCert ?? standard('root.crt'));
  const verify = sslMode.startsWith('verify') || (sslMode === 'require' && root !== undefined);
  const certificate = settings.sslCert ?? standard('postgresql.crt');
  const key = settings.sslKey ?? standard('postgresql.key') ?? standard('postgresql.pk8');
  return {
    rejectUnauthorized: verify,
    ...(verify && root !== undefined ? { ca: read(root, 'sslrootcert') } : {}),
    ...(sslMode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(certificate === undefined || key === undefined
      ? {}
      : { cert: read(certificate, 'sslcert'), key: readKey(key, settings.sslPassword) }),
  };
}

/** A file that libpq looks for by itself. */
function standard(name: string): string | undefined {
  const file = path.join(homedir(), '.postgresql', name);
  return existsSync(file) ? file : undefined;
}

function read(file: string, parameter: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new RunError('jdbc-tls', `cannot read '${file}', given by '${parameter}' in option 'url': ${reason}`, {
      cause,
    });
  }
}

/** PEM as libpq has it, or PKCS #8 in DER as the Java driver wants it. */
function readKey(file: string, passphrase: string | undefined): string {
  const key = read(file, 'sslkey');
  const secret = passphrase === undefined ? {} : { passphrase };
  try {
    const parsed = key.includes('-----BEGIN')
      ? createPrivateKey({ key, format: 'pem', ...secret })
      : createPrivateKey({ key, format: 'der', type: 'pkcs8', ...secret });
    return parsed.export({ format: 'pem', type: 'pkcs8' }).toString();
  } catch (cause) {
    throw new RunError('jdbc-tls', `'${file}', given by 'sslkey' in option 'url', is no private key that can be read`, {
      cause,
      help: "expected PEM or PKCS #8; an encrypted key needs 'sslpassword'",
    });
  }
}
