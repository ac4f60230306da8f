import { expect, it } from 'vitest';
import { createLog } from '../../bin/log.ts';

it('hides secrets that JSON would write differently, and takes no number for one', async () => {
  const heard: unknown[] = [];
  const log = await createLog({
    format: 'json',
    level: 'silent',
    secrets: ['5432', 'pa"ss\\word', 'pa"ss'],
    watch: (_level, event, fields) => heard.push([event, fields]),
  });
  log.error('login_failed', {
    reason: 'no pa"ss\\word for nobody, nor pa"ss',
    port: 5432,
    tried: [{ with: 'pa"ss', at: ':5432' }],
    rows: 12n,
  });
  expect(heard).toEqual([
    [
      'login_failed',
      { reason: 'no *** for nobody, nor ***', port: 5432, tried: [{ with: '***', at: ':***' }], rows: '12' },
    ],
  ]);
});
