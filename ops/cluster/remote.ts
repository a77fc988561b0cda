import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** Neither the network nor a Go module has it, so whatever needs it cannot be checked. */
export class Unreachable extends Error {}

/**
 * The text of a file in a public repository at a tag, from `https://raw.githubusercontent.com/…`: from the network, or
 * where that is closed, from the Go module of the same tag. Kept in `cache`, because files at a tag do not change.
 *
 * @throws Unreachable with everything that was tried
 */
export async function remoteText(url: string, cache: string): Promise<string> {
  const kept = join(cache, createHash('sha256').update(url).digest('hex'));
  const known = await readFile(kept, 'utf8').catch(() => undefined);
  if (known !== undefined) return known;
  const text = await fromNetwork(url).catch(async (error: unknown) => {
    const reason = Error.isError(error) ? error.message : String(error);
    return fromGoModule(url).catch((goError: unknown) => {
      const goReason = Error.isError(goError) ? goError.message : String(goError);
      throw new Unreachable(`${url} is unavailable: ${reason}; as a Go module: ${goReason}`);
    });
  });
  await mkdir(cache, { recursive: true });
  await writeFile(kept, text);
  return text;
}

async function fromNetwork(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  return answer.text();
}

async function fromGoModule(url: string): Promise<string> {
  const [, repository, tag, path] =
    /^https:\/\/raw\.githubusercontent\.com\/([^/]+\/[^/]+)\/(v[^/]+)\/(.+)$/.exec(url) ?? [];
  if (!(repository && tag && path)) throw new Error('no file at a tag of a GitHub repository');
  const major = Number(/^v(\d+)/.exec(tag)?.[1]);
  const module = `github.com/${repository}${major > 1 ? `/v${major}` : ''}@${tag}`;
  const { stdout } = await execa('go', ['mod', 'download', '-json', module], { timeout: 180_000 });
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  return readFile(join(Dir, path), 'utf8');
}
