import { description } from '../../../../../server/docs.ts';

interface Context {
  readonly params: Promise<{ readonly service: string }>;
}

export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const said = await description((await params).service);
  if (!said) return new Response(null, { status: 404 });
  return new Response(said, { headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' } });
}
