import { type AnyVariables, Client, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Server } from '../server.ts';

const started = z.object({ startAnalysis: z.object({ analysis: z.object({ id: z.string() }) }) });
const created = z.object({ createUpload: z.object({ uploadUrl: z.string(), source: z.object({ id: z.string() }) }) });
const refused = z.record(z.string(), z.object({ message: z.string() }));
const progressed = z.object({ analysisProgressed: z.object({ status: z.string() }) });
const reported = z.object({
  analysis: z.object({
    report: z.object({
      entryCount: z.string(),
      patterns: z.object({ nodes: z.array(z.object({ count: z.string() })) }),
    }),
  }),
});

/** What a person did who had a log analyzed. */
export interface Analyzed {
  /** Events that told how far it was. */
  events: number;
  entries: number;
  patterns: number;
}

/** A page of a browser that has logs analyzed, with urql. */
export class AnalysisClient {
  readonly #server: Server;
  readonly #client: Client;

  constructor(server: Server) {
    const { url, authorization } = server;
    const socket = createClient({
      url: url.href.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
    });
    this.#server = server;
    this.#client = new Client({
      url: url.href,
      preferGetMethod: false,
      fetchOptions: { headers: { authorization } },
      exchanges: [
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables }) => ({
            subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
          }),
        }),
      ],
    });
  }

  /** From the start of an analysis until its report is there. */
  async analyze(source: string): Promise<Analyzed> {
    const { startAnalysis } = started.parse(await this.#ask(startDocument, { source }));
    const { id } = startAnalysis.analysis;
    const events = await this.#follow(id);
    const { report } = reported.parse(await this.#ask(reportDocument, { id })).analysis;
    return { events, entries: Number(report.entryCount), patterns: report.patterns.nodes.length };
  }

  /** Uploads a text; gives its source. */
  async upload(name: string, text: Buffer<ArrayBuffer>): Promise<string> {
    const { createUpload } = created.parse(await this.#ask(uploadDocument, { name, size: String(text.length) }));
    const { authorization } = this.#server;
    const answer = await fetch(createUpload.uploadUrl, { method: 'PUT', headers: { authorization }, body: text });
    if (!answer.ok) throw new Error(`The upload was answered with ${answer.status}.`);
    return createUpload.source.id;
  }

  async #ask(document: string, variables: AnyVariables): Promise<unknown> {
    const ask = document.startsWith('query') ? this.#client.query : this.#client.mutation;
    const { data, error } = await ask.call(this.#client, gql(document), variables).toPromise();
    if (error !== undefined) throw error;
    const [outcome] = Object.values(refused.catch({}).parse(data));
    if (outcome !== undefined) throw new Error(outcome.message);
    return data;
  }

  #follow(id: string): Promise<number> {
    let events = 0;
    return new Promise((resolve, reject) => {
      this.#client.subscription(gql(followDocument), { id }).subscribe(({ data, error }) => {
        if (error !== undefined) return reject(error);
        events++;
        const { status } = progressed.parse(data).analysisProgressed;
        if (status === 'SUCCEEDED') resolve(events);
        else if (status === 'FAILED' || status === 'CANCELED') reject(new Error(`The analysis is ${status}.`));
      });
    });
  }
}

const startDocument = `mutation ($source: ID!) {
  startAnalysis(input: { source: $source }) { ... on StartAnalysisPayload { analysis { id } } ... on Error { message } }
}`;
const followDocument = `subscription ($id: ID!) {
  analysisProgressed(id: $id) { ... on Analysis { status progress { ratio } } ... on Error { message } }
}`;
const reportDocument = `query ($id: ID!) {
  analysis(id: $id) { report { entryCount summary patterns { nodes { template count } } anomalies { explanation } } }
}`;
const uploadDocument = `mutation ($name: String!, $size: BigInt!) {
  createUpload(input: { name: $name, size: $size }) {
    ... on CreateUploadPayload { uploadUrl source { id } } ... on Error { message }
  }
}`;
