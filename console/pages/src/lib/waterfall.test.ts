import type { Span } from '../../../src/api/traces.ts';
import { waterfallOf } from './waterfall.ts';

const span = (spanId: string, at: number, durationMs: number, parentId?: string): Span => ({
  spanId,
  ...(parentId ? { parentId } : {}),
  name: spanId,
  service: 'orders',
  kind: 'internal',
  at,
  durationMs,
  status: 'unset',
  attributes: {},
  events: [],
  links: [],
});

describe('the waterfall of a trace', () => {
  it('shows each span below the one that caused it, brothers by their time', () => {
    const { bars } = waterfallOf([
      span('late', 1_060, 10, 'root'),
      span('root', 1_000, 100),
      span('early', 1_020, 30, 'root'),
    ]);
    expect(bars.map((it) => [it.span.name, it.depth])).toEqual([
      ['root', 0],
      ['early', 1],
      ['late', 1],
    ]);
    expect(bars.map(({ left, width }) => [left, width])).toEqual([
      [0, 100],
      [20, 30],
      [60, 10],
    ]);
  });

  it('shows spans whose parent was never received', () => {
    const { bars } = waterfallOf([span('root', 0, 10), span('orphan', 5, 10, 'unknown')]);
    expect(bars.map((it) => [it.span.name, it.depth])).toEqual([
      ['root', 0],
      ['orphan', 0],
    ]);
  });

  it('shows spans that are each other’s parents instead of running for ever', () => {
    const { bars } = waterfallOf([span('root', 0, 10), span('one', 1, 1, 'two'), span('two', 2, 1, 'one')]);
    expect(bars.map((it) => it.span.name)).toEqual(['root', 'one', 'two']);
  });

  it('leaves the shortest visible, within the trace', () => {
    const { bars } = waterfallOf([span('root', 0, 10_000), span('end', 10_000, 0, 'root')]);
    expect(bars.at(-1)).toMatchObject({ width: 0.3, left: 99.7 });
  });
});
