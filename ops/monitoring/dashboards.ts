import { gateway } from './gateway.ts';
import { jetstream } from './jetstream.ts';
import type { Dashboard } from './panels.ts';
import { sales } from './sales.ts';
import { services } from './services.ts';

export const dashboards: readonly Dashboard[] = [services, sales, jetstream, gateway];
