import { ask } from '../ask.ts';

/** One line of a process's metrics. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Prometheus' text format, only the metrics whose name is wanted. */
function samplesIn(text: string, isWanted: (name: string) => boolean): Sample[] {
  const found: Sample[] = [];
  for (const it of text.split('\n')) {
    if (it.startsWith('#') || it === '') continue;
    const [, name, labels = '', value] = line.exec(it) ?? [];
    if (!name || !isWanted(name)) continue;
    found.push({
      name,
      labels: Object.fromEntries([...labels.matchAll(label)].map(([, key = '', held = '']) => [key, held])),
      value: Number(value),
    });
  }
  return found;
}

/** Undefined while the process does not answer. */
export async function scrape(url: string, isWanted: (name: string) => boolean): Promise<Sample[] | undefined> {
  try {
    const { status, text } = await ask(new URL('/metrics', url), { withinMs: 3_000 });
    return status === 200 ? samplesIn(text, isWanted) : undefined;
  } catch {
    return undefined;
  }
}
