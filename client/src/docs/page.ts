import { type Html, html, raw } from './html.ts';
import { type OpenApi, type Operation, type Route, routesOf, type Schema } from './openapi.ts';
import { css } from './style.ts';

export interface Described {
  readonly name: string;
  readonly api: OpenApi;
}

/** The API documentation as one page without scripts: every route of every service, with its inputs and outputs. */
export function docsPage(described: readonly Described[]): string {
  const services = described.flatMap(({ name, api }) => {
    const routes = routesOf(api);
    return routes.length > 0 ? [{ name, api, routes }] : [];
  });
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API · Box Office</title>
<link rel="icon" href="/icon.svg">
<style>${raw(css)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><a class="brand" href="/">Box Office</a> API</header>
<div class="page">
<nav aria-label="Routes">${services.map(({ name, routes }) => contents(name, routes))}</nav>
<main id="content" tabindex="-1">
<h1>API</h1>
${services[0] ? html`<p>${prose(services[0].api.info.description ?? '')}</p>` : html`<p>No service has described its API yet.</p>`}
<p>Programs send a token, <code>Authorization: Bearer …</code>, from <a href="#auth-post-api-auth-token">POST /api/auth/token</a>.
Browsers send the session’s cookie.</p>
${services.map(({ name, api, routes }) => service(name, api, routes))}
</main>
</div>
</body>
</html>
`.html;
}

const idOf = (service: string, { method, path }: Route): string =>
  `${service}-${method}${path}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '');

function contents(name: string, routes: readonly Route[]): Html {
  return html`<h2><a href="#${name}">${name}</a></h2>
<ul>${routes.map((route) => html`<li><a href="#${idOf(name, route)}"><span class="method">${route.method}</span> ${route.path}</a></li>`)}</ul>
`;
}

function service(name: string, { info, components }: OpenApi, routes: readonly Route[]): Html {
  const schemas = Object.entries(components.schemas);
  return html`<section aria-labelledby="${name}">
<h2 id="${name}">${name}</h2>
<p>${info.summary} <a href="/api/docs/openapi/${name}">OpenAPI of ${name}</a></p>
${routes.map((route) => operation(name, route))}
${schemas.map(
  ([key, schema]) => html`<article class="card">
<h3 id="${name}-schema-${key}">${key}</h3>
${schema.description && html`<p>${schema.description}</p>`}
${schema.properties ? fields(name, key, schema) : html`<p>${typeOf(name, schema)}</p>`}
</article>`,
)}
</section>
`;
}

function operation(name: string, route: Route): Html {
  const { method, path, operation: it } = route;
  const title = `${method} ${path}`;
  return html`<article class="card">
<h3 id="${idOf(name, route)}"><span class="method method-${method.toLowerCase()}">${method}</span> <code>${path}</code></h3>
<p>${it.summary}${it.summary && '.'} ${it.description} ${isOpen(it) ? 'Open to everyone.' : html`<strong>Needs a session.</strong>`}</p>
${
  it.parameters.length > 0 &&
  table(
    `What ${title} takes`,
    ['Parameter', 'In', 'Type', 'Meaning'],
    it.parameters.map(({ name: parameter, in: where, required, description, schema }) => [
      html`<code>${parameter}</code>${required && html` <em>required</em>`}`,
      where,
      typeOf(name, schema),
      html`${description} ${limits(schema)}`,
    ]),
  )
}
${
  it.requestBody &&
  html`<p>Body${!it.requestBody.required && ' (optional)'}: ${Object.entries(it.requestBody.content).map(
    ([type, { schema }]) => html`<code>${type}</code>, ${schema ? typeOf(name, schema) : 'anything'} `,
  )}</p>`
}
${table(
  `Answers of ${title}`,
  ['Status', 'Meaning', 'Body'],
  Object.entries(it.responses).map(([status, { description, headers, content }]) => [
    html`<strong>${status}</strong>`,
    html`${prose(description)}${Object.entries(headers ?? {}).map(
      ([header, { description: about }]) => html`<br><code>${header}</code>: ${about && prose(about)}`,
    )}`,
    Object.values(content ?? {}).map(({ schema }) => schema && typeOf(name, schema)),
  ]),
)}
</article>
`;
}

const isOpen = ({ security }: Operation): boolean => security !== undefined && security.length === 0;

function fields(name: string, key: string, { properties = {}, required = [] }: Schema): Html {
  return table(
    `Fields of ${key}`,
    ['Field', 'Type', 'Meaning'],
    Object.entries(properties).map(([field, schema]) => [
      html`<code>${field}</code>${!required.includes(field) && html` <em>optional</em>`}`,
      typeOf(name, schema),
      html`${schema.description && prose(schema.description)} ${limits(schema)}`,
    ]),
  );
}

type Cell = string | Html | readonly (Html | false | undefined)[];

/** Wide tables scroll on their own, also by keyboard. */
function table(caption: string, heads: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  return html`<div class="table" role="group" aria-label="${caption}" tabindex="0"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div>`;
}

function typeOf(name: string, schema: Schema): Html {
  if (schema.$ref) {
    const key = schema.$ref.split('/').at(-1) ?? '';
    return html`<a href="#${name}-schema-${key}">${key}</a>`;
  }
  if (schema.allOf) return typeOf(name, schema.allOf[0] ?? {});
  if (schema.anyOf)
    return joined(
      schema.anyOf.map((it) => typeOf(name, it)),
      ' or ',
    );
  if (schema.enum) return oneOf(schema.enum);
  if (schema.const !== undefined) return html`<code>${String(schema.const)}</code>`;
  if (schema.items) return html`list of ${typeOf(name, schema.items)}`;
  const type = typeof schema.type === 'string' ? schema.type : (schema.type?.join(' or ') ?? 'anything');
  const inner = Object.entries(schema.properties ?? {}).map(
    ([field, it]) => html`<code>${field}</code> ${typeOf(name, it)}`,
  );
  return inner.length > 0 ? html`object with ${joined(inner, ', ')}` : html`${schema.format ?? type}`;
}

/** A long list is in the OpenAPI document; here it would hide everything else. */
function oneOf(values: readonly unknown[]): Html {
  const shown = values.length > 20 ? values.slice(0, 3) : values;
  const words = joined(
    shown.map((it) => html`<code>${String(it)}</code>`),
    ', ',
  );
  return shown.length < values.length ? html`${words} … (${values.length} values)` : words;
}

function joined(parts: readonly Html[], between: string): Html {
  return raw(parts.map((part) => part.html).join(between));
}

function limits({ minimum, maximum, minLength, maxLength, default: preset }: Schema): string {
  const notes = [
    minimum !== undefined && Math.abs(minimum) < 1e15 && `at least ${minimum}`,
    maximum !== undefined && maximum < 1e15 && `at most ${maximum}`,
    minLength !== undefined && `at least ${minLength} characters`,
    maxLength !== undefined && `at most ${maxLength} characters`,
    preset !== undefined && `by default ${JSON.stringify(preset)}`,
  ].filter((it) => it !== false);
  return notes.length > 0 ? `(${notes.join(', ')})` : '';
}

/** Renders text with `code` in backquotes. */
function prose(text: string): Html {
  return html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))}`;
}
