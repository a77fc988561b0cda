import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Refused } from '../refused.ts';
import { type Received, spansIn } from '../sources/otlp.ts';
import { fromProtobuf } from '../sources/otlp-protobuf.ts';
import type { Traces } from '../sources/traces.ts';
import { bytesOf } from './router.ts';
import type { Answering } from './server.ts';

const mostBytes = 4_000_000;

/** Answers `POST /v1/traces` as OTLP/HTTP asks for: JSON or protobuf, either also compressed with gzip. */
export function receiveTraces(traces: Traces): Answering {
  return async (request, response) => {
    if (request.method !== 'POST') throw new Refused(405, 'method', 'Only POST.');
    const isJson = request.headers['content-type']?.startsWith('application/json') === true;
    const sent = await bytesOf(request, mostBytes);
    const body = request.headers['content-encoding'] === 'gzip' ? await unpacked(sent) : sent;
    const spans = read(body, isJson);
    // The sender keeps what there is no room for, and tries again.
    if (!traces.take(spans)) throw new Refused(503, 'busy', 'There are more spans than the disk takes.');
    // An empty answer is all of it, in either form.
    response.writeHead(200, { 'content-type': isJson ? 'application/json' : 'application/x-protobuf' });
    response.end(isJson ? '{}' : '');
  };
}

const unpacked = (bytes: Buffer): Promise<Buffer> =>
  promisify(gunzip)(bytes, { maxOutputLength: mostBytes }).catch(() => {
    throw invalid();
  });

function read(body: Buffer, isJson: boolean): Received[] {
  try {
    return spansIn(isJson ? JSON.parse(body.toString()) : fromProtobuf(body));
  } catch {
    throw invalid();
  }
}

const invalid = () => new Refused(400, 'invalid', 'That is no OTLP.');
