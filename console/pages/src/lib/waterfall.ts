import type { Span } from '../../../src/api/traces.ts';

export interface Bar {
  readonly span: Span;
  readonly depth: number;
  /** Both in per cent of the whole trace. */
  readonly left: number;
  readonly width: number;
  readonly startsAfterMs: number;
}

export interface Waterfall {
  readonly bars: readonly Bar[];
  readonly startMs: number;
  readonly durationMs: number;
}

/** The spans below those that caused them, brothers by their time. A span whose parent is unknown stands at the top. */
export function waterfallOf(spans: readonly Span[]): Waterfall {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentId }) => (parentId && known.has(parentId) ? parentId : ''));
  const startMs = Math.min(...spans.map(({ at }) => at));
  const durationMs = Math.max(0.001, Math.max(...spans.map((it) => it.at + it.durationMs)) - startMs);
  const bars: Bar[] = [];
  const visited = new Set<string>();

  function add(siblings: readonly Span[], depth: number): void {
    for (const span of siblings.toSorted((one, other) => one.at - other.at)) {
      if (visited.has(span.spanId)) continue;
      visited.add(span.spanId);
      const startsAfterMs = span.at - startMs;
      const width = Math.max(0.3, (span.durationMs / durationMs) * 100);
      bars.push({ span, depth, startsAfterMs, width, left: Math.min(100 - width, (startsAfterMs / durationMs) * 100) });
      add(children.get(span.spanId) ?? [], depth + 1);
    }
  }
  add(children.get('') ?? [], 0);
  // Spans that are each other's parents hang below none of these.
  add(spans, 0);
  return { bars, startMs, durationMs };
}
