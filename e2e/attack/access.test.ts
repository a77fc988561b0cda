import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { apis } from '@box-office/docs/apis';
import { z } from 'zod';
import { forbidden, roles } from '../prove/crowd/forbidden.ts';
import { access, permitted } from './access.ts';

const documents = resolve(import.meta.dirname, '../../docs/openapi');
const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** All routes in the generated documents, in the notation of the services. */
const documented = readdirSync(documents)
  .map((file) => Document.parse(JSON.parse(readFileSync(join(documents, file), 'utf8'))))
  .flatMap(({ paths }) => Object.entries(paths))
  .flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );

describe('who may call which route', () => {
  it('is said of every route in the generated documents, and of nothing else', () => {
    expect(documented.length).toBeGreaterThan(50);
    expect(Object.keys(access).sort()).toEqual([...documented].sort());
  });

  it('is not known of a route that was never thought about', () => {
    expect(() => permitted('POST /api/things')).toThrow('who may call it');
  });

  it.each(apis.flatMap((api) => api.routes).filter(({ who }) => who === 'signedIn'))(
    'is what the attack on roles tries: $method $path',
    (route) => {
      const refused = forbidden([route]).map(({ role }) => role);
      const name = `${route.method} ${route.path}`;
      // What has no id in its path finds what belongs to whoever asks, or looks for the owner in its body.
      expect(roles.filter((role) => !permitted(name).includes(role))).toEqual(refused);
    },
  );
});
