import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { dashboards } from './dashboards.ts';
import { generated } from './generated.ts';
import { lint } from './lint.ts';
import type { Dashboard, Panel } from './panels.ts';

const root = resolve(import.meta.dirname, '../..');
const files = await generated(root);

it.each(Object.keys(files))('%s is what node ops/monitoring/main.ts writes', async (file) => {
  expect(await readFile(join(root, file), 'utf8')).toBe(files[file]);
});

it('the dashboards are sound', () => {
  expect(lint(dashboards)).toEqual([]);
});

describe('the linter', () => {
  const panel: Panel = {
    ...{ kind: 'lines', title: 'Requests', description: 'A second', unit: 'reqps' },
    series: [{ expr: 'sum by (service) (rate(a_total[$__rate_interval]))', legend: '{{service}}' }],
  };
  const board = (...panels: Panel[]): Dashboard => ({ name: 'a', title: 'A', description: 'a', panels });
  const asking = (expr: string, legend = '{{service}}') => board({ ...panel, series: [{ expr, legend }] });

  it.each([
    ['a sound one', board(panel), []],
    ['an empty one', board(), ['empty']],
    ['a panel twice', board(panel, panel), ['two panels']],
    ['a panel without a description', board({ ...panel, description: '' }), ['description']],
    ['a panel without a unit', board({ ...panel, unit: '' }), ['no unit']],
    ['a rate over a fixed time', asking('sum by (service) (rate(a_total[5m]))'), ['$__rate_interval']],
    ['a bare counter', asking('sum by (service) (a_total)'), ['counter']],
    ['a legend that names what is not there', asking('sum by (service) (b)', '{{stream}}'), ['names stream']],
    ['lines that cannot be told apart', asking('sum by (service) (b)', 'requests'), ['told apart']],
  ])('%s', (_, it, faults) => {
    const found = lint([it]);
    expect(found).toEqual(faults.map((fault) => expect.stringContaining(fault)));
  });
});
