import { describe, expect, it } from 'vitest';
import { KeyTable } from './key-table.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const intern = (table: KeyTable, key: string) => table.intern(bytes(key), 0, bytes(key).length);

describe('KeyTable', () => {
  it('gives a key one id, and asks once what it is', () => {
    const asked: string[] = [];
    const table = new KeyTable(8, 16, (key) => asked.push(key));
    const ids = ['a', 'b', 'a', 'b', 'b', 'a'].map((key) => intern(table, key));
    expect(ids).toEqual([0, 1, 0, 1, 1, 0]);
    expect(asked).toEqual(['a', 'b']);
    expect([table.name(1), table.flags[1]]).toEqual(['b', 2]);
  });

  it('finds a key in the middle of other bytes', () => {
    const table = new KeyTable(8, 16, () => 0);
    const id = intern(table, 'name');
    expect(table.intern(bytes('xxnamexx'), 2, 6)).toBe(id);
  });

  it('is bounded in keys and in their length', () => {
    const table = new KeyTable(4, 3, () => 0);
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => intern(table, key))).toEqual([0, 1, 2, 3, -1]);
    expect(intern(table, 'long')).toBe(-1);
    expect(intern(table, 'c')).toBe(2);
  });

  it('forgets all when it is more than half full, and only then', () => {
    const table = new KeyTable(4, 3, (key) => key.charCodeAt(0));
    intern(table, 'a');
    intern(table, 'b');
    table.resetWhenCrowded();
    expect(intern(table, 'b')).toBe(1);
    intern(table, 'c');
    table.resetWhenCrowded();
    expect(intern(table, 'c')).toBe(0);
    expect(table.flags[0]).toBe('c'.charCodeAt(0));
  });

  it('repairs keys that are not UTF-8, and counts them', () => {
    const table = new KeyTable(4, 16, () => 0);
    const id = table.intern(Uint8Array.of(0x61, 0xff), 0, 2);
    expect(table.name(id)).toBe('a\ufffd');
    expect(table.repairs).toBe(1);
    expect(intern(table, 'a\ufffd')).toBe(id);
    expect(table.repairs).toBe(1);
  });

  it('tells where a key stands in a list', () => {
    const table = new KeyTable(4, 16, () => 0);
    const [a, b] = [intern(table, 'a'), intern(table, 'b')];
    const list = table.nextStamp();
    expect([table.placeOf(a, list, 0), table.placeOf(b, list, 1), table.placeOf(a, list, 2)]).toEqual([
      0, 1, 0,
    ]);
    const next = table.nextStamp();
    expect(table.placeOf(b, next, 0)).toBe(0);
  });
});
