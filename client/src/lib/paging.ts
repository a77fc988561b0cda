/** The cursor of the next page, from a response's `Link` header (RFC 8288); undefined on the last page. */
export function nextCursor(link: string | null): string | undefined {
  for (const [, target = '', parameters = ''] of link?.matchAll(/<([^>]*)>((?:[^,"]|"[^"]*")*)/g) ?? []) {
    if (!/;\s*rel="?next"?(\s|;|$)/i.test(parameters)) continue;
    return new URL(target, 'http://relative').searchParams.get('cursor') ?? undefined;
  }
  return undefined;
}
