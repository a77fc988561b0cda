import type { Request, Response } from 'express';

/** Points at the page after this one, RFC 8288: the same request with the cursor moved to the last item shown. */
export function linkToNext(req: Request, res: Response, cursor: string | undefined): void {
  if (cursor === undefined) return;
  const next = new URL(req.originalUrl, 'http://relative');
  next.searchParams.set('cursor', cursor);
  res.append('Link', `<${next.pathname}${next.search}>; rel="next"`);
}
