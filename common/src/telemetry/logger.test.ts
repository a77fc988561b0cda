import { createLogger } from './logger.ts';
import { printable } from './printable.ts';
import { aboutOrder, inTask, SpanKind } from './span.ts';
import { currentTrace } from './trace.ts';

describe('a log line', () => {
  it.each([
    ['an escape sequence', '\u001b]0;owned\u0007\u001b[2J'],
    ['an escape sequence in 8 bits', '\u009b2J'],
    ['line breaks of any kind', 'a\nb\rc\u0085d\u2028e'],
    ['a change of direction', 'a\u202eb\u2066c'],
    ['NUL and DEL', '\u0000\u007f'],
  ])('escapes %s, so that a program reads the original text', (_, text) => {
    let written = '';
    const logger = createLogger({ name: 'part', level: 'info' }, (line) => {
      written += line;
    });
    logger.info({ path: text, [text]: 1 }, text);
    expect(written).toMatch(/^[^\p{Cc}\p{Cf}\u2028\u2029]+\n$/u);
    expect(JSON.parse(written)).toMatchObject({ msg: text, path: text, [text]: 1 });
  });

  it('says when, in UTC, and which service it is of', () => {
    let written = '';
    const logger = createLogger({ name: 'orders', level: 'info' }, (line) => {
      written += line;
    });
    const before = Date.now();
    logger.warn({ requestId: 'r' }, 'something');
    const { time, ...line } = JSON.parse(written);
    expect(line).toMatchObject({ level: 40, name: 'orders', requestId: 'r', msg: 'something' });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(time)).toBeGreaterThanOrEqual(before);
  });

  it('names the trace and the span it belongs to, and the order from when it is known', () => {
    const lines: string[] = [];
    const logger = createLogger({ name: 'orders', level: 'info' }, (line) => void lines.push(line));
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    logger.info('before');
    const spanId = inTask('task', { kind: SpanKind.SERVER, traceparent: `00-${traceId}-00f067aa0ba902b7-01` }, () => {
      logger.info('in a task');
      aboutOrder('an order');
      logger.info('about an order');
      return currentTrace()?.spanId;
    });
    const named = lines.map((line) => {
      const { traceId, spanId, orderId } = JSON.parse(line);
      return { traceId, spanId, orderId };
    });
    expect(spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(named).toEqual([{}, { traceId, spanId }, { traceId, spanId, orderId: 'an order' }]);
  });

  it('keeps visible characters', () => {
    expect(printable('jörg 用户 🎫 "\\')).toBe('jörg 用户 🎫 "\\');
  });
});
