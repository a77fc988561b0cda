import { createServer } from 'node:http';

/** Accepts spans as a collector does, and forgets them. Tells whoever started it its port and, if asked, its counts. */
let spans = 0;
let bytes = 0;

const server = createServer(async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  bytes += body.length;
  // Those of the gateway come as protobuf, in which they are not counted.
  spans += body.toString('latin1').split('"startTimeUnixNano"').length - 1;
  res.setHeader('Content-Type', req.headers['content-type'] ?? '').end(req.headers['content-type'] ? '{}' : '');
}).listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : null);
});

process.on('message', () => process.send?.({ spans, bytes }));
process.on('disconnect', () => process.exit());
