import { serviceNames } from '../../../../../services.ts';
import { description } from '../../../server/docs.ts';

export const dynamic = 'force-dynamic';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The documentation of the API: Swagger UI over what each service says about itself. */
export async function GET(): Promise<Response> {
  const found = await Promise.all(serviceNames.map(async (name) => ((await description(name)) ? [name] : [])));
  const urls = found.flat().map((name) => ({ name, url: `/api/docs/openapi/${name}` }));
  return new Response(page(JSON.stringify(urls)), {
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy },
  });
}

function page(urls: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Box Office</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<style>body { margin: 0; font-family: sans-serif; }</style>
</head>
<body>
<div id="docs" data-urls='${urls}'><noscript>The documentation needs JavaScript.</noscript></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/swagger-ui-standalone-preset.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`;
}
