import type { Request } from 'express';
import { mustBeOwnOrigin, mustNotBeForeign, originOf } from './origin.ts';

const shop = 'https://tickets.example';

/** What `origin.ts` reads of a request. */
function request(headers: Record<string, string>): Request {
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { protocol: 'http', get: (name: string) => given.get(name.toLowerCase()) } as unknown as Request;
}

const refusalOf = (attempt: () => void): unknown => {
  try {
    attempt();
    return null;
  } catch (error) {
    return error;
  }
};

describe('where a request comes from', () => {
  it.each([
    ['own', { 'Sec-Fetch-Site': 'same-origin' }],
    ['own', { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://evil.example' }],
    ['foreign', { 'Sec-Fetch-Site': 'same-site' }],
    ['foreign', { 'Sec-Fetch-Site': 'cross-site', Origin: shop }],
    ['foreign', { 'Sec-Fetch-Site': '' }],
    ['unknown', { 'Sec-Fetch-Site': 'none' }],
    ['unknown', {}],
    ['own', { Origin: shop }],
    ['foreign', { Origin: 'null' }],
    ['foreign', { Origin: 'https://evil.example', Host: 'tickets.example' }],
    ['own', { Origin: 'http://127.0.0.1:8080', Host: '127.0.0.1:8080' }],
    ['foreign', { Origin: 'https://127.0.0.1:8080', Host: '127.0.0.1:8080' }],
    [
      'own',
      { Origin: 'https://a.example', Host: 'inside', 'X-Forwarded-Host': 'a.example', 'X-Forwarded-Proto': 'https' },
    ],
    ['foreign', { Origin: 'http://inside', Host: 'inside', 'X-Forwarded-Host': 'a.example' }],
  ] as const)('is %s with %j', (origin, headers) => {
    expect(originOf(request(headers), shop)).toBe(origin);
  });
});

describe('a request with a cookie', () => {
  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('may %s from our own pages alone', (method) => {
    expect(refusalOf(() => mustBeOwnOrigin(request({ Origin: shop }), method, shop))).toBeNull();
    for (const headers of [{}, { Origin: 'https://evil.example' }]) {
      expect(refusalOf(() => mustBeOwnOrigin(request(headers), method, shop))).toMatchObject({
        code: 'cross-origin',
        message: 'This request did not come from our own pages.',
      });
    }
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])('may %s from anywhere, for that changes nothing', (method) => {
    const foreign = request({ Origin: 'https://evil.example' });
    expect(refusalOf(() => mustBeOwnOrigin(foreign, method, shop))).toBeNull();
  });
});

describe('signing in', () => {
  it('is open to programs, which send no origin, and closed to other sites', () => {
    expect(refusalOf(() => mustNotBeForeign(request({}), shop))).toBeNull();
    expect(refusalOf(() => mustNotBeForeign(request({ Origin: shop }), shop))).toBeNull();
    expect(refusalOf(() => mustNotBeForeign(request({ Origin: 'null' }), shop))).toMatchObject({
      code: 'cross-origin',
    });
  });
});
