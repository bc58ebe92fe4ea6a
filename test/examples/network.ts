import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A network that can be cut, between a client and a server on this machine. Gone when the test is. */
export class Network {
  /** Port of the server; another one after it has been started anew. */
  target: number;
  /** How often it was cut. */
  cuts = 0;
  /** Connections that clients opened, or tried to while there was no server. */
  connections = 0;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  #left = Number.POSITIVE_INFINITY;

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  static async open(serverUrl: string): Promise<Network> {
    const network = new Network(Number(new URL(serverUrl).port));
    await new Promise<void>((resolve) => network.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => network.#close());
    return network;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The network does not listen.');
    return `http://127.0.0.1:${address.port}/graphql`;
  }

  /** Lets so many more bytes through to clients, then cuts all connections: in the middle of whatever was being said. */
  cutAfter(bytes: number): void {
    this.#left = bytes;
  }

  cut(): void {
    this.#left = Number.POSITIVE_INFINITY;
    this.cuts += 1;
    for (const client of this.#clients) client.destroy();
  }

  #join(client: Socket): void {
    const server = connect(this.target, '127.0.0.1');
    this.#clients.add(client);
    this.connections += 1;
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => {
      client.write(bytes.subarray(0, this.#left));
      this.#left -= bytes.length;
      if (this.#left <= 0) this.cut();
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      // What breaks closes, and then the other side is closed, too.
      one.on('error', () => {});
      one.on('close', () => {
        this.#clients.delete(client);
        other.destroySoon();
      });
    }
  }

  async #close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
