/** The query parameters of an address, as Next.js passes them to pages. */
export type Query = Readonly<Record<string, string | string[] | undefined>>;

/** The value of a parameter; the first if it occurs more than once. */
export function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
