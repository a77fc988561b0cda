import { served } from '../../services.ts';

/** Set in the Deployment. */
const shop = `$\{SHOP_URL}`;
const often = () => ({ interval: '1m', conditions: ['[STATUS] == 200', '[RESPONSE_TIME] < 2000'] });

/** The settings of Gatus: what people outside see first, then each service that they use through the gateway. */
export const statusPage = {
  ui: { title: 'Box Office: status', header: 'Box Office', description: 'What works now, and what did lately' },
  endpoints: [
    { name: 'The shop', group: 'Shop', url: `${shop}/`, ...often() },
    { name: 'What is on sale', group: 'Shop', url: `${shop}/api/tickets`, ...often() },
    ...served.map((name) => ({
      name,
      group: 'Services',
      url: `http://${name}.box-office:3000/healthz/ready`,
      ...often(),
    })),
  ],
};
