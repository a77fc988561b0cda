import { z } from 'zod';
import type { ApiServer } from './api-server.ts';

/** The objects of a kind in all namespaces. @throws with kubectl's message */
export async function objectsOf<Shape extends z.ZodType>(
  server: ApiServer,
  kind: string,
  shape: Shape,
): Promise<z.infer<Shape>[]> {
  const found = await ask(server, ['get', kind, '--all-namespaces', '--output=json']);
  return z.object({ items: z.array(shape) }).parse(JSON.parse(found)).items;
}

/** One object. @throws with kubectl's message */
export async function objectOf<Shape extends z.ZodType>(
  server: ApiServer,
  [kind, namespace, name]: readonly [kind: string, namespace: string, name: string],
  shape: Shape,
): Promise<z.infer<Shape>> {
  return shape.parse(JSON.parse(await ask(server, ['get', kind, name, `--namespace=${namespace}`, '--output=json'])));
}

/** kubectl's output. @throws with its message when it fails */
export async function ask(server: ApiServer, args: readonly string[], input?: string): Promise<string> {
  const { ok, stdout, stderr } = await server.kubectl(args, input);
  if (!ok) throw new Error(stderr.trim());
  return stdout;
}
