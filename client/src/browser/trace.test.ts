import { startAction } from './trace.ts';

const asked: { url: string; traceparent: string | null }[] = [];
const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** What the page sees of the browser. */
function page(dataset: Record<string, string>): void {
  const window = {
    location: new URL('http://shop/tickets/1'),
    async fetch(url: string, init?: RequestInit) {
      asked.push({ url, traceparent: new Headers(init?.headers).get('traceparent') });
      return new Response();
    },
  };
  const fetch = (url: string, init?: RequestInit) => window.fetch(url, init);
  Object.assign(globalThis, { window, document: { documentElement: { dataset } }, fetch });
}

const { fetch: plain } = globalThis;
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => {
  Object.assign(globalThis, { window: undefined, document: undefined, fetch: plain });
});

describe('a click', () => {
  it('begins a trace and says nothing where nothing is recorded', () => {
    page({});
    const click = startAction('reserve');
    click.end({ ok: true });
    expect(click.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(startAction('pay', parent).traceparent).toBe(parent);
    expect(asked).toEqual([]);
  });

  it('is reported where it is, and what the page asks meanwhile is below it', async () => {
    page({ traced: 'yes' });
    const click = startAction('pay', parent);
    expect(click.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/);
    await fetch('/orders/1');
    await fetch('/orders/2', { headers: { 'next-router-prefetch': '1' } });
    await fetch('https://elsewhere/');
    await fetch('/api/orders', { headers: { traceparent: parent } });
    click.end({ ok: false });
    expect(asked.map(({ traceparent }) => traceparent).slice(0, 4)).toEqual([click.traceparent, null, null, parent]);
    const { pathname, searchParams } = new URL(asked[4]?.url ?? '', 'http://shop');
    expect(pathname).toBe('/clicks');
    expect(Object.fromEntries(searchParams)).toEqual({
      action: 'pay',
      traceparent: click.traceparent,
      parent,
      ms: expect.stringMatching(/^\d+$/),
      failed: 'yes',
    });
  });
});
