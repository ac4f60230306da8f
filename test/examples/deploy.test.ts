import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { validate as validateDockerfile } from 'dockerfile-utils';
import { Deployment } from 'kubernetes-models/apps/v1';
import { ConfigMap } from 'kubernetes-models/v1';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadConfiguration } from '../../bin/config/load.ts';
import { registry } from '../../connectors/index.ts';
import { check } from '../../engine/index.ts';

const folder = path.resolve(import.meta.dirname, '..', '..', 'examples', 'deploy');
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
const systemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('examples/deploy', () => {
  it('the manifest fits the schemas of Kubernetes', () => {
    const [config, deployment] = parseAllDocuments(read('kubernetes.yaml')).map((d) => d.toJS() as object) as [
      never,
      never,
    ];
    new ConfigMap(config).validate();
    new Deployment(deployment).validate();
    const broken = structuredClone(deployment as object) as { spec: { replicas: unknown } };
    broken.spec.replicas = 'one';
    expect(() => new Deployment(broken as never).validate()).toThrow();
  });

  it('the job and the configuration in the manifest are right', async () => {
    const { data } = parseAllDocuments(read('kubernetes.yaml'))[0]!.toJS() as { data: Record<string, string> };
    const scratch = mkdtempSync(path.join(tmpdir(), 'deploy-'));
    // Secrets are mounted at /secrets in the container.
    const text = data['cryptopipe.yaml']!.replaceAll('file:/secrets/', `file:${scratch}/`);
    writeFileSync(path.join(scratch, 'cryptopipe.yaml'), text);
    writeFileSync(path.join(scratch, 'postgres-password'), 'a');
    writeFileSync(path.join(scratch, 'token'), 'a-token-of-16-characters');
    const loaded = await loadConfiguration({ config: path.join(scratch, 'cryptopipe.yaml') }, [], {});
    if (!('configuration' in loaded)) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
    const { variables, jobs } = loaded.configuration;
    expect(jobs.flatMap((job) => job.files)).toEqual([path.join(scratch, 'prices.sql')]);
    const job = { file: 'prices.sql', text: data['prices.sql']! };
    const checked = check(job, { registry, variables: (name) => variables.get(name) });
    expect(checked.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    expect(checked.pipelines).toHaveLength(1);
  });

  it('the Dockerfile has no mistakes, ends without root and starts what the package installs', () => {
    const text = read('Dockerfile');
    expect(validateDockerfile(text)).toEqual([]);
    const users = [...text.matchAll(/^USER (\S+)/gm)].map(([, user]) => user);
    expect(users.at(-1)).toBe('node');
    expect(text).toContain('ENTRYPOINT ["cryptopipe"]');
  });

  it.runIf(systemd)('the unit is accepted by systemd (needs systemd-analyze)', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', path.join(folder, 'cryptopipe.service')], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});
