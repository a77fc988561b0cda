import { z } from 'zod';
import { ConfigError, defineConfig } from './config.ts';
import { participantSettings } from './settings.ts';

const load = defineConfig({
  PORT: z.coerce.number().int().max(65_535).default(3000).describe('HTTP port'),
  MONGO_URL: z.url().describe('The database this service alone writes to'),
  KEYS: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(z.object({ kid: z.string() })))
    .optional(),
});

describe('settings', () => {
  it('are parsed, with defaults, and cannot be changed', () => {
    const config = load({ MONGO_URL: 'mongodb://db/tickets', PORT: '8080', HOME: '/root' });
    expect(config).toEqual({ PORT: 8080, MONGO_URL: 'mongodb://db/tickets' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(load({ MONGO_URL: 'mongodb://db/tickets' }).PORT).toBe(3000);
  });

  it('are not set when they are empty', () => {
    expect(load({ MONGO_URL: 'mongodb://db/tickets', PORT: '' }).PORT).toBe(3000);
    expect(() => load({ MONGO_URL: '' })).toThrow('MONGO_URL: is not set (The database this service alone writes to)');
  });

  it('are refused with every fault at once, each with its purpose', () => {
    const loading = () => load({ PORT: '70000', MONGO_URL: 'nonsense' });
    expect(loading).toThrow(ConfigError);
    expect(loading).toThrow(/^Invalid environment:\n/);
    expect(loading).toThrow(/ {2}- PORT: .*65535.* \(HTTP port\)/);
    expect(loading).toThrow(/ {2}- MONGO_URL: .* \(The database this service alone writes to\)/);
  });

  it('say where within a setting the fault lies', () => {
    expect(() => load({ MONGO_URL: 'mongodb://db/tickets', KEYS: '[{"kid":"a"},{}]' })).toThrow('KEYS: 1.kid: ');
  });

  it('never show what was set, which may be a secret', () => {
    expect(() => load({ MONGO_URL: 'hunter2', PORT: 'hunter2' })).toThrow(ConfigError);
    expect(() => load({ MONGO_URL: 'hunter2', PORT: 'hunter2' })).not.toThrow('hunter2');
  });

  it('of every service have no default for what only its surroundings know', () => {
    const loading = () => defineConfig(participantSettings)({});
    for (const name of ['NATS_URL', 'MONGO_URL', 'JWKS_URL']) expect(loading).toThrow(`${name}: is not set`);
    expect(loading).not.toThrow('PORT');
  });
});
