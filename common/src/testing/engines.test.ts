import type { Bus } from '../messaging/bus.ts';
import { testBus } from './engines.ts';

let bus: Bus;

beforeAll(async () => {
  bus = await testBus();
});

afterAll(() => bus.close());

it('leaves a stream when the last one of a test is deleted, or the server may fail to create the next', async () => {
  await bus.jsm.streams.add({ name: 'only', subjects: ['only'] });
  const before = await bus.jsm.streams.list().next();
  expect(before.map(({ config }) => config.name)).toEqual(['only']);
  for (const name of ['only', 'staying']) await bus.jsm.streams.delete(name);
  const after = await bus.jsm.streams.list().next();
  expect(after.map(({ config }) => config.name)).toEqual(['staying']);
});
