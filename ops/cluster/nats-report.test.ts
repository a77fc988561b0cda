import { join } from 'node:path';
import { execa } from 'execa';

const program = join(import.meta.dirname, 'nats-report.mjs');
const reportOf = async (jsz: object) =>
  (await execa(process.execPath, [program], { input: JSON.stringify(jsz) })).stdout.split('\n');

const consumer = {
  name: 'payments',
  num_pending: 7,
  num_ack_pending: 2,
  num_redelivered: 1,
  num_waiting: 3,
  ack_floor: { stream_seq: 12 },
};

it('shows what each stream holds and how far each consumer is', async () => {
  const seconds = (ago: number) => new Date(Date.now() - ago * 1_000).toISOString();
  const state = { messages: 20, bytes: 5_000, first_seq: 2, last_seq: 21, last_ts: seconds(600) };
  const none = { messages: 0, bytes: 0, first_seq: 0, last_seq: 0, last_ts: '0001-01-01T00:00:00Z' };
  const lines = await reportOf({
    account_details: [
      {
        stream_detail: [
          { name: 'tickets', state: none, consumer_detail: [] },
          { name: 'orders', state, cluster: { leader: 'nats-1' }, consumer_detail: [consumer] },
        ],
      },
    ],
  });
  expect(lines.map((line) => line.split(/ {2,}/).map((cell) => cell.trim()))).toEqual([
    ['Stream', 'Messages', 'Size', 'First', 'Last', 'Last message', 'Leader'],
    ['orders', '20', '4.9 KiB', '2', '21', '10 min ago', 'nats-1'],
    ['tickets', '0', '0 B', '0', '0', 'never', '–'],
    [''],
    ['Stream', 'Consumer', 'To be heard', 'In hand', 'Delivered again', 'Waiting pulls', 'Heard up to'],
    ['orders', 'payments', '7', '2', '1', '3', '12'],
  ]);
});

it('says so when there are no streams', async () => {
  expect(await reportOf({ account_details: [] })).toEqual(['There are no streams.']);
});
