/** The answer as JSON. @throws Error on any answer that is not a success */
export async function asked<Body>(url: URL, init: RequestInit = {}): Promise<Body> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url.pathname} was answered ${answer.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as Body;
}
