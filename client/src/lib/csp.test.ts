import { contentSecurityPolicy } from './csp.ts';

const policy = (over: Partial<Parameters<typeof contentSecurityPolicy>[0]> = {}) =>
  contentSecurityPolicy({ nonce: 'abc', sandboxUrl: undefined, development: false, ...over });

describe('the policy of our pages', () => {
  it('forbids framing', () => {
    expect(policy()).toContain("frame-ancestors 'none'");
  });

  it('allows only our scripts and Stripe’s', () => {
    expect(policy()).toContain("script-src 'self' 'nonce-abc' https://js.stripe.com https://*.js.stripe.com;");
  });

  it('has neither plugins nor a base', () => {
    expect(policy()).toMatch(/; base-uri 'none'; object-src 'none'$/);
  });

  it('allows pictures from elsewhere over https only', () => {
    expect(policy()).toContain("img-src 'self' data: https:;");
  });

  it('forbids eval outside development', () => {
    expect(policy()).not.toContain('unsafe-eval');
    expect(policy({ development: true })).toContain('unsafe-eval');
  });

  it('allows the sandbox only if it is configured', () => {
    expect(policy()).toContain("connect-src 'self' https://api.stripe.com;");
    expect(policy({ sandboxUrl: 'http://127.0.0.1:4000/' })).toContain('https://api.stripe.com http://127.0.0.1:4000;');
  });

  it('cannot be extended by a setting', () => {
    expect(policy({ sandboxUrl: "; script-src 'unsafe-inline'" })).toBe(policy());
  });
});
