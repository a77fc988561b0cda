import { description } from '../../../../../server/docs.ts';

interface Context {
  readonly params: Promise<{ readonly service: string }>;
}

export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const text = await description((await params).service);
  if (!text) return new Response(null, { status: 404 });
  return new Response(text, { headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' } });
}
