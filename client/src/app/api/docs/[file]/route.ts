import { asset } from '../../../../server/docs.ts';

/** Runs in the browser, where Swagger UI's files have set these names. */
const start = `const place = document.querySelector('#docs');
const urls = JSON.parse(place.dataset.urls);
if (urls.length === 0) {
  place.style.padding = '2rem';
  place.textContent = 'No service has described its API yet.';
} else {
  SwaggerUIBundle({
    domNode: place,
    urls,
    deepLinking: true,
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    layout: 'StandaloneLayout',
  });
}
`;

interface Context {
  readonly params: Promise<{ readonly file: string }>;
}

export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { file } = await params;
  if (file === 'start.js') {
    return new Response(start, { headers: { 'Content-Type': 'text/javascript; charset=utf-8' } });
  }
  return (await asset(file)) ?? new Response(null, { status: 404 });
}
