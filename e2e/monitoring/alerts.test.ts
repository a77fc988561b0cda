import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { metrics } from '@box-office/docs/metrics';
import { execa } from 'execa';
import { parse } from 'yaml';
import { serviceNames, services, storing } from '../../services.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { findPromtool } from '../verify/observability/programs.ts';

const root = join(import.meta.dirname, '../..');
const dir = join(root, 'infra/monitoring');
const read = async (file: string) => parse(await readFile(join(dir, file), 'utf8'));

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const { groups } = (await read('alerts.yml')) as { groups: readonly { rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** What others tell of themselves, with who they are. */
const elsewhere: Readonly<Record<string, string>> = {
  kubelet_volume_stats_available_bytes: 'the kubelet',
  kubelet_volume_stats_capacity_bytes: 'the kubelet',
  certmanager_certificate_expiration_timestamp_seconds: 'cert-manager',
};

interface Selector {
  readonly name: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

/** The metrics that an expression asks for, each with what it says of their labels. */
function selectorsIn(expr: string): Selector[] {
  const bare = expr
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '')
    .replace(/\[[^\]]*\]/g, '');
  return [...bare.matchAll(/\b([a-z_]\w*)\b(?!\s*\()(?:\{([^}]*)\})?(?=[^"]*(?:"[^"]*"[^"]*)*$)/g)]
    .filter(([, name = '']) => !['and', 'or', 'unless', 'bool', 'offset'].includes(name))
    .map(([, name = '', inner = '']) => ({
      name,
      matchers: [...inner.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
        ([, label = '', operator = '', value = '']) => ({ label, operator, value }),
      ),
    }));
}

it('reads what an expression asks for', () => {
  const expr =
    'sum by (service, le) (rate(a_total{x="1", y=~"b|c.."}[5m])) / max(b) > 2 unless on (z) absent(c{d!="e"})';
  expect(selectorsIn(expr)).toEqual([
    {
      name: 'a_total',
      matchers: [
        { label: 'x', operator: '=', value: '1' },
        { label: 'y', operator: '=~', value: 'b|c..' },
      ],
    },
    { name: 'b', matchers: [] },
    { name: 'c', matchers: [{ label: 'd', operator: '!=', value: 'e' }] },
  ]);
});

describe('the alerts', () => {
  let shop: Shop;
  /** What Prometheus would read: each series with its labels. */
  let series: { name: string; labels: Readonly<Record<string, string>> }[];

  beforeAll(async () => {
    shop = await openShop({ client: false });
    const person = await shop.person();
    const ticket = await shop.sell(person);
    await shop.known(ticket);
    await shop.ask('GET', '/api/tickets');
    const { token } = await shop.guest();
    const ordered = await shop.ask(
      'POST',
      '/api/orders',
      { ticketId: ticket.id },
      { authorization: `Bearer ${token}` },
    );
    expect(ordered.status).toBe(201);
    await fetch(`${shop.platform.url}/api/payments/webhook`, { method: 'POST', body: '{}' });
    const texts = await Promise.all(
      serviceNames.map(async (service) => (await fetch(`${shop.platform.addresses[service]}/metrics`)).text()),
    );
    series = texts.flatMap((text) =>
      [...text.matchAll(/^([a-zA-Z_:][\w:]*)\{(.*)\} \S+$/gm)].map(([, name = '', inner = '']) => ({
        name,
        labels: Object.fromEntries([...inner.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => [label, value])),
      })),
    );
  });

  afterAll(() => shop?.end());

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s asks for what is exported, by labels and values that are there',
    (_, { expr }) => {
      const asked = selectorsIn(expr);
      expect(asked.length).toBeGreaterThan(0);
      for (const { name, matchers } of asked) {
        if (name in elsewhere) continue;
        const found = series.filter((it) => it.name === name);
        expect([name, found.length > 0]).toEqual([name, true]);
        // Of a status that has not come up yet nobody can say more than that there is such a label.
        const fits = found.filter(({ labels }) =>
          matchers.every(({ label, operator, value }) =>
            operator === '=' ? labels[label] === value : labels[label] !== undefined,
          ),
        );
        expect([name, matchers, fits.length > 0]).toEqual([name, matchers, true]);
      }
    },
  );

  it('are told apart by service, whichever process tells them', () => {
    for (const service of serviceNames) {
      expect(series.filter(({ labels }) => labels.service === service).length).toBeGreaterThan(10);
    }
    expect(series.filter(({ labels }) => labels.service === undefined)).toEqual([]);
  });
});

describe('the services that an alert is about', () => {
  const whole = (expr: string) => expr.replaceAll(/\s+/g, ' ').trim();
  const exprOf = (name: string) => whole(rules.find(({ alert }) => alert === name)?.expr ?? '');
  /** The alerts that fire for these services while they lack a metric. */
  const lacking = rules.flatMap(({ alert, expr }) => {
    const [, about, lacked = ''] =
      /^process_start_time_seconds\{service=~"([^"]+)"\} unless on \(service, instance\) (.+)$/.exec(whole(expr)) ?? [];
    return about ? [{ alert, about: about.split('|'), lacked: selectorsIn(lacked).map(({ name }) => name) }] : [];
  });
  const listening = services.filter(({ listensTo }) => listensTo.length > 0).map(({ name }) => name);

  it.each([
    ['DatabaseAway', 'with a database', storing],
    ['BusAway', 'that listen', listening],
  ])('are, for %s, those %s', (alert, _, wanted) => {
    expect(lacking.filter((it) => it.alert === alert).map(({ about }) => about)).toEqual([wanted]);
  });

  it.each(lacking)('export, and no others do, what makes $alert fire when it is missing', ({ about, lacked }) => {
    const exported = metrics.filter(({ name }) => lacked.includes(name));
    expect(exported.map(({ name }) => name).toSorted()).toEqual(lacked.toSorted());
    expect(exported.flatMap((it) => it.services).toSorted()).toEqual(about.toSorted());
  });

  it('are all of them if it is about their processes', () => {
    const gone = serviceNames.map((name) => `absent(process_start_time_seconds{service="${name}"})`);
    expect(exprOf('ServiceGone')).toBe(gone.join(' or '));
    expect(exprOf('ServiceRestarts')).toContain(`{service=~"${serviceNames.join('|')}"}`);
  });
});

describe('every alert', () => {
  const names = rules.map(({ alert }) => alert);

  it('has a section of its own in the guide, and every such section an alert', async () => {
    const guide = await readFile(join(root, 'docs/operations.md'), 'utf8');
    const [, chapter = ''] = guide.split(/^## When an alert fires$/m);
    const sections = [...(chapter.split(/^## /m)[0] ?? '').matchAll(/^### (.+)$/gm)].map(([, title]) => title);
    expect(sections.toSorted()).toEqual(names.toSorted());
  });

  it('leads to the pages of the console that show what it is about', async () => {
    const guide = await readFile(join(root, 'docs/operations.md'), 'utf8');
    const pages = new Set(['events', 'streams', 'dead-letters', 'orders', 'traces', 'logs', 'metrics', 'sandbox']);
    for (const name of names) {
      const [, line = ''] = new RegExp(`^### ${name}\n\n\\*\\*Console:\\*\\* (.+)\\.$`, 'm').exec(guide) ?? [];
      const named = [...line.matchAll(/`\/([a-z-]+)[^`]*`/g)].map(([, page = '']) => page);
      expect([name, line !== '', named.filter((page) => !pages.has(page))]).toEqual([name, true, []]);
    }
  });

  it('says how bad it is, in one sentence what is wrong, and where help is', () => {
    expect(new Set(names).size).toBe(names.length);
    for (const { alert, labels, annotations } of rules) {
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary).not.toMatch(/\.$|\n/);
      expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    }
  });

  it('has a test in which it fires, and one in which it does not', async () => {
    const { tests } = (await read('alerts.test.yml')) as {
      tests: readonly { alert_rule_test: readonly { alertname: string; exp_alerts?: readonly object[] }[] }[];
    };
    const tried = tests.flatMap((test) => test.alert_rule_test);
    for (const name of names) {
      const own = tried.filter(({ alertname }) => alertname === name);
      expect([name, own.some(({ exp_alerts = [] }) => exp_alerts.length > 0)]).toEqual([name, true]);
    }
    expect(tried.filter(({ alertname }) => !names.includes(alertname))).toEqual([]);
  });
});

const promtool = await findPromtool();
if ('why' in promtool) console.warn(`SKIPPED  The rules are not tried: ${promtool.why}; it comes with Prometheus`);

('path' in promtool ? describe : describe.skip)('promtool', () => {
  const program = 'path' in promtool ? promtool.path : '';
  const run = (...args: string[]) => execa(program, args, { cwd: dir, reject: false, all: true });

  it.each([
    ['the rules', ['check', 'rules', 'alerts.yml']],
    ['each alert in its test', ['test', 'rules', 'alerts.test.yml']],
  ])('has nothing against %s', async (_, args) => {
    const { all, exitCode } = await run(...args);
    expect([all, exitCode]).toEqual([expect.stringMatching(/SUCCESS/), 0]);
  });
});
