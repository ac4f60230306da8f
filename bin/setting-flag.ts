import { InvalidArgumentError } from 'commander';

/** Collects `--set key=value` flags. */
export function addSetting(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError("expected 'key=value'");
  return new Map([...before, [text.slice(0, at).trim(), text.slice(at + 1).trim()]]);
}
