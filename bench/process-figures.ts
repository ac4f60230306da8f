import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a process and its children used. */
export interface Figures {
  /** Wall time, start-up included, in seconds. */
  readonly seconds: number;
  /** User and system time of the process tree, in seconds. */
  readonly cpu: number;
  /** Peak of the tree's resident memory, in MB, looked at every 50 ms. */
  readonly memory: number;
  /** Resident MB of the tree, every 50 ms. */
  readonly memories: readonly number[];
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and measures its process tree. Rejects where it does not end with 0. */
export async function measure(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Figures> {
  const start = performance.now();
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = collect(child);
  const memories: number[] = [];
  const cpuOf = new Map<number, number>();
  const look = () => {
    let resident = 0;
    for (const pid of treeOf(child.pid!)) {
      const usage = usageOf(pid);
      if (usage === undefined) continue;
      resident += usage.memory;
      cpuOf.set(pid, usage.cpu);
    }
    if (resident > 0) memories.push(resident);
  };
  const timer = setInterval(look, 50);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(timer);
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${output.stderr.slice(-3000)}`);
  const cpu = [...cpuOf.values()].reduce((a, b) => a + b, 0);
  const memory = Math.max(0, ...memories);
  return { seconds, cpu, memory, memories, ...output };
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout!.on('data', (part: Buffer) => {
    output.stdout += part.toString();
  });
  child.stderr!.on('data', (part: Buffer) => {
    output.stderr += part.toString();
  });
  return output;
}

/** A process and all below it. */
export function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = statOf(pid)?.[1];
    if (parent !== undefined) children.set(Number(parent), [...(children.get(Number(parent)) ?? []), pid]);
  }
  const tree = [root];
  for (let i = 0; i < tree.length; i++) tree.push(...(children.get(tree[i]!) ?? []));
  return tree;
}

/** CPU seconds and resident MB of a process; undefined once it is gone. */
export function usageOf(pid: number): { readonly cpu: number; readonly memory: number } | undefined {
  const fields = statOf(pid);
  if (fields === undefined) return undefined;
  // utime and stime in ticks of 10 ms; rss in pages of 4 kB.
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, memory: (Number(fields[21]) * 4096) / 1e6 };
}

/** Fields of /proc/PID/stat from the state on: behind the name, which may hold blanks. */
function statOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  } catch {
    return undefined;
  }
}
