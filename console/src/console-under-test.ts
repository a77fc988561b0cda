import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { loadConfig } from './config.ts';
import { type Console, createConsole } from './console.ts';

export interface OpenedConsole {
  readonly opened: Console;
  readonly origin: string;
}

/** A console that listens on any free port; its pages are those in a folder. Without a broker unless one is given. */
export async function openConsole(pages: string, settings: Record<string, string> = {}): Promise<OpenedConsole> {
  const config = loadConfig({ NATS_URL: 'nats://127.0.0.1:1', ...settings });
  const opened = createConsole(config, pino({ level: 'silent' }), () => pages);
  await new Promise<void>((resolve) => opened.server.listen(0, '127.0.0.1', resolve));
  return { opened, origin: `http://127.0.0.1:${(opened.server.address() as AddressInfo).port}` };
}
