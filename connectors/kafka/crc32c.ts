import { createRequire } from 'node:module';
import { bundledCrc32c as bundled } from './wire.ts';

type Checksum = (bytes: Uint8Array) => number;

/** CRC-32C (Castagnoli) of all bytes, as an unsigned 32-bit number. */
export const crc32c: Checksum = native() ?? ((bytes) => bundled(bytes as Buffer));

/** The prebuilt native module is three times faster than WebAssembly; platforms without its binary do without. */
function native(): Checksum | undefined {
  try {
    const loaded = createRequire(import.meta.url)('@node-rs/crc32') as { crc32c: Checksum };
    return loaded.crc32c;
  } catch {
    return undefined;
  }
}
