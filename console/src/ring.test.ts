import { ring } from './ring.ts';

describe('a ring', () => {
  it('keeps the newest, newest first', () => {
    const kept = ring<number>(3, 1_000);
    for (let n = 1; n <= 10; n++) kept.add(n, 1);
    expect([...kept.newestFirst()]).toEqual([10, 9, 8]);
    expect(kept.size).toBe(3);
  });

  it('keeps no more bytes than it may, but always the newest', () => {
    const kept = ring<string>(100, 10);
    for (const text of ['1234', '123456', '12']) kept.add(text, text.length);
    expect([...kept.newestFirst()]).toEqual(['12', '123456']);
    kept.add('far too long', 12);
    expect([...kept.newestFirst()]).toEqual(['far too long']);
    expect(kept.bytes).toBe(12);
  });
});
