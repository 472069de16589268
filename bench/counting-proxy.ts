import { Agent, createServer, request as ask, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EmbeddedAws } from '../local/embedded/aws.ts';
import { operationOf, RequestCount } from './request-count.ts';

/** Stands between functions and the embedded AWS, hands everything on and counts it. */
export interface CountingProxy {
  readonly env: Readonly<Record<string, string>>;
  readonly count: RequestCount;
  close(): Promise<void>;
}

export const startCountingProxy = async (aws: Pick<EmbeddedAws, 'env'>): Promise<CountingProxy> => {
  const count = new RequestCount();
  const agent = new Agent({ keepAlive: true });
  const servers: Server[] = [];

  const forward = async (endpoint: string): Promise<string> => {
    const server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      count.add(operationOf(method, url, headers));
      const onward = ask(new URL(url, endpoint), { method, headers, agent }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(aws.env))
    env[name] = name.startsWith('AWS_ENDPOINT_URL') ? await forward(value) : value;
  return {
    env,
    count,
    async close() {
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeAllConnections();
            }),
        ),
      );
      agent.destroy();
    },
  };
};
