import type { Route } from '@box-office/common/http/route';
import { apis } from '@box-office/docs/apis';
import type { Attack } from '../attack.ts';
import { requestText, sendBytes } from '../raw.ts';

const names = [
  'elsewhere.example',
  'localhost.elsewhere.example',
  '127.0.0.1.elsewhere.example',
  '0.0.0.0',
  '[::1]',
  '',
];
const wanted = [
  'x-content-type-options: nosniff',
  'x-frame-options: deny',
  'referrer-policy: ',
  'content-security-policy: ',
];

/** What every answer says to a browser, and to whom it is given. */
export const answers: Attack = {
  name: 'answers',
  promise: 'every answer carries its security headers, and only public reads are given to other sites',
  async run({ port, deal }) {
    const faults: string[] = [];
    let tried = 0;
    const ask = async (method: string, path: string, headers: readonly string[]) => {
      tried++;
      const { text, statuses } = await sendBytes(port, requestText(method, path, headers));
      return { status: statuses[0] ?? 0, head: text.split('\r\n\r\n')[0]?.toLowerCase() ?? '' };
    };
    const routes = apis.flatMap((api) => api.routes).filter(({ who }) => who !== 'inside');
    const isPublicRead = ({ method, path, who }: Pick<Route, 'method' | 'path' | 'who'>) =>
      method === 'GET' && who === 'anyone' && !path.startsWith('/api/auth');
    const publicPaths = new Set(routes.filter(isPublicRead).map(({ path }) => path));
    for (const { method, path: pattern, who } of routes) {
      const path = pattern.replaceAll(/:\w+/g, deal.ticketId);
      const foreign = ['Host: localhost', 'Origin: https://elsewhere.example'];
      const { head } = await ask(method, path, [...foreign, `Cookie: ${deal.buyer.cookie}`]);
      for (const header of wanted)
        if (!head.includes(`\r\n${header}`)) faults.push(`${method} ${path} lacks ${header}`);
      if (/\r\n(server|x-powered-by): \S/.test(head)) faults.push(`${method} ${path} says which server answers`);
      if (!/\r\ncache-control: (no-store|public)/.test(head)) faults.push(`${method} ${path} may be cached`);
      const isPublic = isPublicRead({ method, path: pattern, who });
      if (!isPublic && head.includes('access-control-allow-origin'))
        faults.push(`${method} ${path} is given to other sites`);
      if (head.includes('access-control-allow-credentials')) faults.push(`${method} ${path} is given with credentials`);

      const preflight = await ask('OPTIONS', path, [...foreign, `Access-Control-Request-Method: ${method}`]);
      if (preflight.status === 401) faults.push(`a preflight of ${method} ${path} needs a session`);
      // One preflight is for all methods of a path; which of them it permits is looked at below.
      if (!publicPaths.has(pattern) && preflight.head.includes('access-control-allow-origin'))
        faults.push(`a preflight of ${method} ${path} permits other sites to read`);
      if (method !== 'GET' && /access-control-allow-methods: .*(post|put|delete)/.test(preflight.head))
        faults.push(`a preflight of ${method} ${path} was answered with permission`);
    }
    for (const name of names) {
      for (const path of ['/', '/api/tickets', '/api/orders', '/api/auth/currentuser']) {
        const { status } = await ask('GET', path, [`Host: ${name}`]);
        if (status !== 421 && status !== 400) faults.push(`${path} under the name "${name}" was answered ${status}`);
      }
    }
    return { tried, faults };
  },
};
