import { createHash } from 'node:crypto';
import { serviceNames } from '../../../../../services.ts';
import { OpenApi } from '../../../docs/openapi.ts';
import { docsPage } from '../../../docs/page.ts';
import { css } from '../../../docs/style.ts';
import { description } from '../../../server/docs.ts';

export const dynamic = 'force-dynamic';

const styleHash = createHash('sha256').update(css).digest('base64');
/** The page has no script at all. */
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** The documentation of the API, generated from each service's OpenAPI description. */
export async function GET(): Promise<Response> {
  const described = await Promise.all(
    serviceNames.map(async (name) => {
      const text = await description(name);
      return text ? [{ name, api: OpenApi.parse(JSON.parse(text)) }] : [];
    }),
  );
  return new Response(docsPage(described.flat()), {
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy },
  });
}
