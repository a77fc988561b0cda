import request from 'supertest';
import { Problem, problem } from '../problem.ts';
import { bearer, setUp } from '../testing/http-kit.ts';
import { serve } from '../testing/raw-http.ts';

const { app, logged } = setUp();

describe('a problem', () => {
  it('is answered with its code and sentence', async () => {
    const { body } = await request(app).get('/conflict').expect(409);
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      code: 'ticket-reserved',
      detail: 'Somebody was faster.',
    });
  });

  it('says when to retry, in whole seconds, and does not reveal its cause', async () => {
    const answer = await request(app).get('/later').expect(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.text).not.toContain('the cause');
  });

  it('on our side is answered 500 without detail, and is logged with its error id', async () => {
    const answer = await request(app).get('/bug').set('x-request-id', 'req-1').expect(500);
    expect(answer.body).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      code: 'internal',
      errorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(logged).toContainEqual(
      expect.objectContaining({
        level: 50,
        errorId: answer.body.errorId,
        requestId: 'req-1',
        err: expect.objectContaining({ message: 'the password of the database' }),
      }),
    );
  });

  it('with stored data is answered 500, not 400', async () => {
    const { body } = await request(app).get('/unreadable').expect(500);
    expect(logged).toContainEqual(expect.objectContaining({ level: 50, errorId: body.errorId }));
  });

  it('in the middle of an answer closes the connection and is logged', async () => {
    await expect(request(app).get('/half')).rejects.toThrow(/aborted|hang up/);
    expect(logged).toContainEqual(
      expect.objectContaining({ level: 50, err: expect.objectContaining({ message: 'the other half' }) }),
    );
  });

  it('keeps its cause', () => {
    const cause = new Error('why');
    expect(problem('unavailable', undefined, { cause })).toMatchObject({ message: 'unavailable', cause });
    expect(new Problem('not-found')).toBeInstanceOf(Error);
  });
});

describe('a request', () => {
  it('keeps its x-request-id if it is valid, and gets one otherwise', async () => {
    expect((await request(app).get('/trace').set('x-request-id', 'abc.DEF:1-2')).headers['x-request-id']).toBe(
      'abc.DEF:1-2',
    );
    for (const bad of ['', 'x'.repeat(101), 'a b', '{"level":60}']) {
      const id = (await request(app).get('/trace').set('x-request-id', bad)).headers['x-request-id'];
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect((await request(app).get('/nowhere')).headers['x-request-id']).toBeDefined();
  });

  it('continues the caller’s trace and is logged with it', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const { body } = await request(app).get('/trace').set('traceparent', `00-${traceId}-00f067aa0ba902b7-01`);
    expect(body.traceparent).toBe(`00-${traceId}-00f067aa0ba902b7-01`);
    expect(logged).toContainEqual(
      expect.objectContaining({ msg: 'request', traceId, method: 'GET', path: '/trace', status: 200 }),
    );
  });

  it('that is refused is logged with its path and status', async () => {
    const asked = [
      await request(app).get('/mine').set('x-request-id', 'no-session').expect(401),
      await request(app).get('/conflict').set('x-request-id', 'not-now').expect(409),
    ];
    for (const { status, headers } of asked) {
      const requestId = headers['x-request-id'];
      expect(logged).toContainEqual(
        expect.objectContaining({ msg: 'request', requestId, status, path: expect.any(String) }),
      );
    }
  });

  it('is logged without its session and token', async () => {
    await request(app)
      .get('/mine?token=secret1')
      .set({ Authorization: bearer('anna'), Cookie: 'session=secret2' })
      .expect(200);
    expect(JSON.stringify(logged)).not.toMatch(/secret1|secret2|Bearer|signature/);
  });

  it('has the address that our own gateway saw', async () => {
    await request(app)
      .get('/address')
      .set('X-Forwarded-For', '1.2.3.4, 203.0.113.7')
      .expect({ address: '203.0.113.7' });
  });

  it('is answered without the name of the framework', async () => {
    expect((await request(app).get('/trace')).headers['x-powered-by']).toBeUndefined();
  });
});

describe('a caller', () => {
  it('must be signed in where the route requires it', async () => {
    await request(app).get('/mine').set('Authorization', bearer('anna')).expect(200, { id: 'anna' });
    const { body } = await request(app).get('/mine').expect(401);
    expect(body.code).toBe('not-signed-in');
    expect((await request(app).get('/mine')).headers['www-authenticate']).toBe('Bearer');
  });

  it('may send 600 changes at once', async () => {
    const generous = setUp();
    const { port, close } = await serve(generous.app);
    const answers = await Promise.all(
      Array.from({ length: 600 }, () =>
        fetch(`http://127.0.0.1:${port}/mine`, { method: 'PUT', headers: { Authorization: bearer('anna') } }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    close();
  });

  it('is limited in changes per minute, but not in reads, and does not affect others', async () => {
    const strict = setUp({ writesPerMinute: 3 });
    const write = (name: string) => request(strict.app).post('/mine').set('Authorization', bearer(name));
    for (let i = 0; i < 3; i++) await write('anna').expect(200);
    const answer = await write('anna').expect(429);
    expect(answer.body.code).toBe('too-many-requests');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    await request(strict.app).get('/mine').set('Authorization', bearer('anna')).expect(200);
    await write('berta').expect(200);
  });

  it('who is not signed in is counted by address', async () => {
    const strict = setUp({ writesPerMinute: 2 });
    const write = (authorization: string, address: string) =>
      request(strict.app).post('/mine').set({ Authorization: authorization, 'X-Forwarded-For': address });
    for (const nonsense of ['Bearer header.bm8ganNvbg.forged', `Bearer ${'A'.repeat(43)}`]) {
      await write(nonsense, '203.0.113.7').expect(401);
    }
    await write('', '203.0.113.7').expect(429);
    await write('', '203.0.113.8').expect(401);
  });
});

describe('a limit', () => {
  it('applies to one address, and says how long to wait', async () => {
    const { app } = setUp();
    const hit = (address: string) => request(app).post('/limited').set('X-Forwarded-For', address);
    await hit('203.0.113.7').expect(200);
    await hit('203.0.113.7').expect(200);
    const { headers } = await hit('203.0.113.7').expect(429);
    expect(Number(headers['retry-after'])).toBeGreaterThan(50);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    await hit('203.0.113.8').expect(200);
  });

  it('applies to an IPv6 network of one household as a whole', async () => {
    const { app } = setUp();
    const hit = (address: string) => request(app).post('/limited').set('X-Forwarded-For', address);
    await hit('2001:db8:0:100::1').expect(200);
    await hit('2001:db8:0:1ff::2').expect(200);
    await hit('2001:db8:0:17f:dead::3').expect(429);
    await hit('2001:db8:0:200::1').expect(200);
  });
});

describe('the health of a service', () => {
  it('is live from the start, and ready once it is waiting for nothing', async () => {
    const waitingFor = ['nats', 'mongo'];
    const { app } = setUp({ waitingFor });
    await request(app).get('/healthz/live').expect(200, { live: true });
    await request(app)
      .get('/healthz/ready')
      .expect(503, { ready: false, waitingFor: ['nats', 'mongo'] });
    waitingFor.length = 0;
    await request(app).get('/healthz/ready').expect(200, { ready: true, waitingFor: [] });
  });

  it('is not logged', async () => {
    const { app, logged } = setUp();
    await request(app).get('/healthz/live').expect(200);
    expect(logged).toEqual([]);
  });
});

describe('the metrics', () => {
  it('count requests by route, not by path, which would make one series per ticket', async () => {
    const { app } = setUp();
    await request(app).get('/things/0123456789abcdef01234567').expect(200);
    await request(app).get('/made-up').expect(404);
    const { text, headers } = await request(app).get('/metrics').expect(200);
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/things/:id",status="200"} 1');
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="none",status="404"} 1');
    expect(text).not.toContain('0123456789abcdef');
  });
});
