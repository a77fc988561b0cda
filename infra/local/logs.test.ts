import { stripVTControlCharacters } from 'node:util';
import { logPrinter, readable } from './logs.ts';

const plain = (line: string) => stripVTControlCharacters(readable(line));

describe('log lines', () => {
  it('are made readable when they are JSON of pino', () => {
    const time = new Date(2026, 0, 2, 3, 4, 5).getTime();
    const line = JSON.stringify({ level: 40, time, pid: 1, hostname: 'h', name: 'orders', msg: 'slow', ms: 1200 });

    expect(plain(line)).toBe('03:04:05 warning slow ms=1200');
  });

  it('escape what a terminal would act on', () => {
    const evil = '\u001b[2J\u009bH\u0007';
    const line = JSON.stringify({
      level: 50,
      msg: evil,
      path: evil,
      req: { method: evil, url: evil },
      err: { stack: evil },
    });

    const shown = readable(line).replaceAll(new RegExp(`${'\u001b'}\\[\\d+m`, 'g'), '');
    expect(shown).not.toMatch(/[^\P{Cc}\n]/u);
    expect(shown.split('\\u001b[2J\\u009bH\\u0007')).toHaveLength(6);
  });

  it('show where an error came from', () => {
    const line = JSON.stringify({ level: 50, msg: 'failed', err: { message: 'no', stack: 'Error: no\n    at here' } });

    expect(plain(line)).toBe('error failed\nError: no\n    at here');
  });

  it.each(['▲ Next.js', '{"half":', '{"no":"level"}', ''])('stay unchanged otherwise: %j', (line) => {
    expect(plain(line)).toBe(line);
  });

  it('start with the name of their process, each line of several', () => {
    let written = '';
    const print = logPrinter((text) => {
      written += stripVTControlCharacters(text);
    });
    print('orders', JSON.stringify({ level: 50, msg: 'failed', err: { stack: 'Error: no\n    at here' } }));
    print('client', '');

    expect(written).toBe('orders     error failed\norders     Error: no\norders         at here\n');
  });
});
