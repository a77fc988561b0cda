import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { cable } from '../testing/cable.ts';
import { connectTestBus, testBusUrl } from '../testing/engines.ts';
import { eventually } from '../testing/eventually.ts';

describe('a connection to NATS', () => {
  it('closes while no server is there', async () => {
    const wire = await cable(await testBusUrl());
    const bus = await connectTestBus(wire.url);
    wire.pull();
    await eventually(() => expect(bus.connectedSince()).toBeNull());
    await bus.close();
    expect(bus.connection.isClosed()).toBe(true);
    await wire.close();
  });

  it('comes back when a restarted server has refused its user for a while', async () => {
    const door = await openDoor(await testBusUrl());
    const bus = await connectTestBus(door.url);
    door.refuses = true;
    door.cut();
    await eventually(() => expect(door.refused).toBeGreaterThan(3));
    door.refuses = false;
    await eventually(() => expect(bus.connectedSince()).not.toBeNull());
    await bus.close();
    await door.close();
  });
});

/** Passes connections on to a NATS server, or refuses them as one does that does not know the user. */
async function openDoor(to: string) {
  const engine = new URL(to);
  const near = new Set<Socket>();
  const it = {
    url: '',
    refuses: false,
    refused: 0,
    cut: () => near.forEach((socket) => void socket.destroy()),
    async close() {
      it.cut();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((socket) => {
    near.add(socket);
    socket.on('error', () => {});
    if (it.refuses) {
      socket.write('INFO {"server_id":"A","version":"2.15.1","max_payload":1048576,"auth_required":true}\r\n');
      socket.once('data', () => {
        it.refused++;
        socket.end("-ERR 'Authorization Violation'\r\n");
      });
      return;
    }
    const far = connect(Number(engine.port), engine.hostname);
    far.on('error', () => {});
    socket.pipe(far).pipe(socket);
    socket.on('close', () => far.destroy());
    far.on('close', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(to);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  it.url = url.href.replace(/\/$/, '');
  return it;
}
