import { loadConfig } from './config.ts';

it.each([
  ['SMTP_URL', 'smtps://USER:PASSWORD@HOST'],
  ['NATS_URL', 'nats://mail:secret@nats:4222'],
  ['NATS_SEED', 'SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY'],
])('%s is refused as long as everybody knows its secret', (name, value) => {
  expect(() => loadConfig({ [name]: value })).toThrow(new RegExp(`${name}: .*everybody knows it`));
});

it('takes a mail server with a password of its own, and no other kind of server', () => {
  expect(() => loadConfig({ SMTP_URL: 'smtp://shop:4f9c1f1d0a@mail.example' })).toThrow(/^(?!.*SMTP_URL)/s);
  expect(() => loadConfig({ SMTP_URL: 'https://mail.example' })).toThrow('SMTP_URL: must begin with smtp://');
});
