import { expect, test } from 'vitest';
import { folderFlag } from '../../cli/default-data.ts';

test.each([
  ['data', ''],
  ['./real', ' --data ./real'],
  ['C:\\calls', ' --data C:\\calls'],
  ['/tmp/my calls', ' --data "/tmp/my calls"'],
])('a command to copy names the folder %s as%s', (data, flag) => {
  expect(folderFlag(data)).toBe(flag);
});
