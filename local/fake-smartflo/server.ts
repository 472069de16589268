import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { FakeSmartflo, type FakeSmartfloSettings } from './api.ts';

export interface FakeSmartfloServer extends Pick<FakeSmartflo, 'world' | 'knobs' | 'requests' | 'answer'> {
  readonly url: string;
  readonly fake: FakeSmartflo;
  close(): Promise<void>;
}

/** The fake over HTTP, on loopback only. `port` 0 takes a free one. Delays are waited out in real time. */
export const startFakeSmartflo = async (
  settings: FakeSmartfloSettings & { readonly port?: number; readonly host?: '127.0.0.1' },
): Promise<FakeSmartfloServer> => {
  const fake = new FakeSmartflo(settings);
  const server = createServer((request, response) => {
    const startedAt = performance.now();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = { authorization: request.headers.authorization };
      const body = Buffer.concat(chunks).toString('utf8');
      const answer = fake.answer({
        method: request.method ?? 'GET',
        path: request.url ?? '/',
        headers,
        body,
      });
      const logged = fake.requests.at(-1);
      const send = () => {
        if (logged) logged.ms = performance.now() - startedAt;
        if (answer.ending === 'reset') return request.socket.destroy();
        const bytes = Buffer.from(answer.body, 'latin1');
        if (answer.ending === 'cut') {
          response.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length * 2 + 1 });
          response.write(bytes, () => request.socket.destroy());
          return;
        }
        const zipped = fake.knobs.listing.gzip && /\bgzip\b/.test(String(request.headers['accept-encoding']));
        const sent = zipped ? gzipSync(bytes) : bytes;
        response.writeHead(answer.status, {
          ...answer.headers,
          'content-length': sent.length,
          ...(zipped && { 'content-encoding': 'gzip' }),
        });
        response.end(sent);
      };
      if (answer.delay > 0) setTimeout(send, answer.delay);
      else send();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port ?? 0, settings.host ?? '127.0.0.1', resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${port}`,
    fake,
    world: fake.world,
    knobs: fake.knobs,
    requests: fake.requests,
    answer: (request) => fake.answer(request),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
