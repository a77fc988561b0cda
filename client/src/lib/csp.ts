export interface Policy {
  readonly nonce: string;
  /** The address of the local payment sandbox, if it is used. */
  readonly sandboxUrl: string | undefined;
  /** The development server uses `eval` for reloading. */
  readonly development: boolean;
}

/** The Content-Security-Policy of our pages: our own files and Stripe only, and no framing. */
export function contentSecurityPolicy({ nonce, sandboxUrl, development }: Policy): string {
  const sandbox = sandboxUrl && URL.canParse(sandboxUrl) ? [new URL(sandboxUrl).origin] : [];
  const directives: Record<string, readonly string[]> = {
    'default-src': ["'self'"],
    'script-src': [
      "'self'",
      `'nonce-${nonce}'`,
      'https://js.stripe.com',
      'https://*.js.stripe.com',
      ...(development ? ["'unsafe-eval'"] : []),
    ],
    // Stripe's element and the framework's error overlay set styles of their own.
    'style-src': ["'self'", "'unsafe-inline'"],
    // Organisers show pictures from wherever they keep them.
    'img-src': ["'self'", 'data:', 'https:'],
    'connect-src': ["'self'", 'https://api.stripe.com', ...sandbox],
    'frame-src': ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://hooks.stripe.com'],
    'frame-ancestors': ["'none'"],
    'form-action': ["'self'"],
    'base-uri': ["'none'"],
    'object-src': ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}
