import { comingFrom } from './coming-from.ts';

const from = (headers: Record<string, string>) => comingFrom(new Headers({ Host: 'shop.example:8080', ...headers }));

describe('where the visitor of a link comes from', () => {
  it.each(['none', 'same-origin', 'same-site', 'cross-site', ''])('is what the browser says: %j', (site) => {
    const referred = { 'Sec-Fetch-Site': site, Referer: 'https://elsewhere.example/' };
    expect(from(referred)).toEqual({ 'Sec-Fetch-Site': site });
  });

  it.each(['https://elsewhere.example/', 'http://shop.example/', 'http://shop.example:8080.elsewhere.example/', 'x'])(
    'is another site for a browser that says only that it was at %s',
    (Referer) => {
      expect(from({ Referer })).toEqual({ 'Sec-Fetch-Site': 'cross-site' });
    },
  );

  it.each([{}, { Referer: 'http://shop.example:8080/orders' }])('is not another site with %j alone', (headers) => {
    expect(from(headers)).toEqual({});
  });
});
