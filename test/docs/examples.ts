import { readFileSync } from 'node:fs';

/** A page's fenced blocks that are run: files to write, and commands with their output. */
export interface Page {
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly sessions: readonly Session[];
}

/** Commands of one ```console block. */
export interface Session {
  readonly line: number;
  readonly commands: readonly { readonly command: string; readonly output: string }[];
}

/**
 * Reads a Markdown page. "```sql title=NAME" is a file; "```console" holds lines that start with "$ " and, below each,
 * what it prints, where a line "…" stands for any lines.
 */
export function readPage(file: string): Page {
  const files: { name: string; text: string }[] = [];
  const sessions: Session[] = [];
  const lines = readFileSync(file, 'utf8').split('\n');
  for (let at = 0; at < lines.length; at++) {
    const opening = /^```(\w+)?\s*(?:title=(\S+))?$/.exec(lines[at]!);
    if (opening === null) continue;
    const end = lines.indexOf('```', at + 1);
    if (end === -1) throw new Error(`${file}:${at + 1}: a block without end`);
    const body = lines.slice(at + 1, end);
    if (opening[2] !== undefined) files.push({ name: opening[2], text: `${body.join('\n')}\n` });
    if (opening[1] === 'console') sessions.push({ line: at + 1, commands: readCommands(body) });
    at = end;
  }
  return { files, sessions };
}

/** A fenced block of a page; `line` is that of its fence. */
export interface Block {
  readonly file: string;
  readonly line: number;
  readonly language: string;
  readonly title: string | undefined;
  readonly text: string;
}

/** Every fenced block of a Markdown page. */
export function readBlocks(file: string): Block[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const opening = /^```(\w*)\s*(?:title=(\S+))?/.exec(lines[at]!);
    if (opening === null) continue;
    const end = lines.indexOf('```', at + 1);
    const text = `${lines.slice(at + 1, end).join('\n')}\n`;
    blocks.push({ file, line: at + 1, language: opening[1]!, title: opening[2], text });
    at = end;
  }
  return blocks;
}

/** The commands of a shell block, without comments, each on one line. */
export function shellCommands({ text }: Block): string[] {
  return text
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#.*$/, '').trim())
    .filter((line) => line !== '');
}

function readCommands(lines: readonly string[]): Session['commands'] {
  const commands: { command: string; output: string }[] = [];
  for (const line of lines) {
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), output: '' });
    else commands.at(-1)!.output += `${line}\n`;
  }
  return commands;
}

/** What a page says is printed, as a pattern over what was printed. */
export function outputPattern(output: string): RegExp {
  const parts = output.split(/^…\n/m).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('(?:.*\\n)*?')}$`);
}
