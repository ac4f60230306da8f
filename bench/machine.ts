import { cpus, release, totalmem } from 'node:os';

/** What figures were measured on, for reports. */
export function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`;
}
