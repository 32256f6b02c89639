import { expect, it } from 'vitest';
import { fileInput, fileOf } from './file-input.ts';

it.each(['/data/1.rows', "/it's */ a path", '/ü/a"b\\'])(
  'finds %s in the statement that reads it',
  (path) => {
    expect(
      fileOf(`INSERT INTO t SELECT a FROM ${fileInput(path, "a DateTime64(9, 'UTC')")} WHERE a > 1`),
    ).toBe(path);
  },
);

it('finds none where none is read, and refuses two', () => {
  expect(fileOf("SELECT 'input(1)'")).toBeUndefined();
  const source = fileInput('/a', 'a UInt8');
  expect(() => fileOf(`SELECT a FROM ${source} UNION ALL SELECT a FROM ${source}`)).toThrow(TypeError);
});
