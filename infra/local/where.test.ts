import { whereabouts } from './where.ts';

describe('where the shop is reached', () => {
  it('is this machine alone', () => {
    expect(whereabouts('127.0.0.1', 8080)).toEqual({
      host: '127.0.0.1',
      shownHost: 'localhost',
      gatewayUrl: 'http://127.0.0.1:8080',
      publicOrigin: 'http://localhost:8080',
    });
  });

  it('is an address that others can use, when it listens on all interfaces', () => {
    const { gatewayUrl, shownHost } = whereabouts('0.0.0.0', 8080);
    expect(gatewayUrl).toBe('http://127.0.0.1:8080');
    expect(shownHost).not.toBe('0.0.0.0');
  });

  it('is the one address that it listens on', () => {
    const { gatewayUrl, publicOrigin } = whereabouts('192.168.7.5', 8080);
    expect([gatewayUrl, publicOrigin]).toEqual(['http://192.168.7.5:8080', 'http://192.168.7.5:8080']);
  });

  it('is refused as a host name', () => {
    expect(() => whereabouts('shop.example', 8080)).toThrow('"shop.example" is no IPv4 address');
  });
});
