import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = '4.4.0';
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';

/** Why no Kafka can be started from this machine's programs; undefined where one can. Cheap: looks, starts nothing. */
export function missingForKafka(): string | undefined {
  if (!isOnPath('java')) return 'no Java';
  if (!existsSync(jarFolder()) && !isOnPath('mvn')) return 'no Maven';
  return undefined;
}

/** Java's class path of an Apache Kafka broker; the jars come through Maven once per machine and stay in a cache. */
export async function kafkaClassPath(): Promise<string> {
  const folder = jarFolder();
  if (!existsSync(folder)) await resolveJars(folder);
  return path.join(folder, '*');
}

async function resolveJars(folder: string): Promise<void> {
  mkdirSync(path.dirname(folder), { recursive: true });
  // Copied beside and renamed whole: a run that was interrupted, or another at the same time, leaves no half folder.
  const work = mkdtempSync(`${folder}-`);
  try {
    const pom = path.join(work, 'pom.xml');
    writeFileSync(pom, POM);
    const jars = path.join(work, 'jars');
    await run('mvn', ['-q', '-B', '-f', pom, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${jars}`]);
    for (const name of readdirSync(jars)) {
      // One binding of slf4j only, the simple one.
      if (/^(log4j-slf4j.*-impl|slf4j-reload4j|slf4j-log4j12)-/.test(name)) rmSync(path.join(jars, name));
    }
    renameSync(jars, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function jarFolder(): string {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  return path.join(cache, 'cryptopipe', `kafka-${VERSION}`);
}

export function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, program)));
}

const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>cryptopipe.test</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;
