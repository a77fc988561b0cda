// What a page of another port or site runs in the browser of somebody who is signed in to the shop.

/**
 * Tries every request in every way that a page has, and to read every answer.
 *
 * @param {{ origin: string, wishes: { method: string, path: string, body?: unknown }[], secrets: string[] }} given
 * @returns {Promise<string[]>} what it could read
 */
// biome-ignore lint/correctness/noUnusedVariables: called by e2e/attack/attacks/browser.ts
async function attack({ origin, wishes, secrets }) {
  const read = [];
  const note = (how, { method, path }, text) => {
    if (secrets.some((secret) => text.includes(secret))) read.push(`${method} ${path} by ${how}`);
  };
  const quietly = (promise) => promise.catch(() => undefined);

  async function byFetch(wish) {
    const { method, path, body } = wish;
    const url = origin + path;
    const json =
      body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await quietly(fetch(url, { method, credentials: 'include', ...json }));
    if (answer) note('fetch', wish, (await quietly(answer.text())) ?? '');
    // Without a preflight: what a form could send as well.
    if (!['GET', 'POST'].includes(method)) return;
    const plain = method === 'GET' || body === undefined ? {} : { body: JSON.stringify(body) };
    const simple = await quietly(fetch(url, { method, credentials: 'include', ...plain }));
    if (simple) note('a simple fetch', wish, (await quietly(simple.text())) ?? '');
    await quietly(fetch(url, { method, mode: 'no-cors', credentials: 'include', ...plain }));
    if (method === 'POST') navigator.sendBeacon(url, plain.body);
  }

  /** A frame, and whether what is in it can be read. */
  function inFrame(wish, fill) {
    const frame = document.createElement('iframe');
    frame.name = `frame-${Math.random()}`;
    const loaded = new Promise((resolve) => {
      frame.onload = resolve;
      setTimeout(resolve, 3_000);
    });
    document.body.append(frame);
    fill(frame);
    return loaded.then(() => {
      let text = '';
      try {
        text = frame.contentDocument?.documentElement.outerHTML ?? '';
      } catch {
        // Of another origin, as it should be.
      }
      note('a frame', wish, text);
      frame.remove();
    });
  }

  const byForm = (wish, enctype) =>
    inFrame(wish, (frame) => {
      const form = document.createElement('form');
      Object.assign(form, { method: wish.method, action: origin + wish.path, target: frame.name, enctype });
      for (const [name, value] of fieldsFor(wish.body, enctype)) {
        const field = document.createElement('input');
        Object.assign(field, { type: 'hidden', name, value });
        form.append(field);
      }
      document.body.append(form);
      form.submit();
      form.remove();
    });

  /** As text, a form can be made to look like JSON: `{"a":"b","c":"=x"}`. */
  function fieldsFor(body = {}, enctype) {
    if (enctype !== 'text/plain') return Object.entries(body).map(([name, value]) => [name, JSON.stringify(value)]);
    return [[`${JSON.stringify(body).slice(0, -1)}${Object.keys(body).length > 0 ? ',' : ''}"x":"`, '"}']];
  }

  /** An image or a script, which a page may embed from anywhere. */
  const byTag = ({ path }, tag) =>
    new Promise((resolve) => {
      const element = document.createElement(tag);
      element.onload = element.onerror = resolve;
      setTimeout(resolve, 3_000);
      element.src = origin + path;
      document.body.append(element);
    });

  const byXhr = (wish) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open(wish.method, origin + wish.path);
      request.withCredentials = true;
      request.onloadend = () => {
        note('XMLHttpRequest', wish, request.responseText);
        resolve(undefined);
      };
      request.send();
    });

  const left = wishes.values();
  const oneByOne = async () => {
    for (const wish of left) await everyWay(wish);
  };
  await Promise.all(Array.from({ length: 6 }, oneByOne));
  return read;

  function everyWay(wish) {
    const { method } = wish;
    const ways = [byFetch(wish)];
    if (method === 'GET') ways.push(byXhr(wish), byTag(wish, 'img'), byTag(wish, 'script'));
    if (method === 'GET') ways.push(inFrame(wish, (frame) => Object.assign(frame, { src: origin + wish.path })));
    if (method === 'POST') ways.push(byForm(wish, 'text/plain'), byForm(wish, 'application/x-www-form-urlencoded'));
    return Promise.all(ways);
  }
}
