/** The part of an address behind the question mark, as Next.js gives it to pages. */
export type Query = Readonly<Record<string, string | string[] | undefined>>;

/** The value of a parameter; the first when somebody wrote it twice. */
export function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
