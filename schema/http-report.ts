import type { ReportedRequests } from '../src/analysis/report.ts';
import { DurationStats } from './action-stats.ts';
import { builder } from './builder.ts';

const StatusClassCount = builder.objectRef<ReportedRequests['statusClasses'][number]>('StatusClassCount').implement({
  description: 'How many requests were answered with a status of one class.',
  fields: (t) => ({
    class: t.exposeInt('class', { description: 'Its first digit: 2 for 200 to 299.' }),
    count: t.expose('count', { type: 'BigInt', description: 'How many; at least one.' }),
  }),
});

const PathCount = builder.objectRef<ReportedRequests['topPaths'][number]>('PathCount').implement({
  description: 'How often a path was asked for.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Without what follows a `?`; 256 characters of it.' }),
    count: t.expose('count', { type: 'BigInt', description: 'How many requests.' }),
    failed: t.expose('failed', { type: 'BigInt', description: 'How many of them got a status of 400 or above.' }),
  }),
});

/** Paths that a report has. */
const mostPaths = 1000;

export const HttpReport = builder.objectRef<ReportedRequests>('HttpReport').implement({
  description: 'What the requests in an access log came to.',
  fields: (t) => ({
    requests: t.expose('requests', { type: 'BigInt', description: 'How many there are.' }),
    statusClasses: t.expose('statusClasses', {
      type: [StatusClassCount],
      description: 'By class of status, ascending; those of which there are any.',
    }),
    topPaths: t.field({
      type: [PathCount],
      description: 'The paths asked for most, the commonest first; counted are the first 20,000 different ones.',
      args: {
        first: t.arg.int({ required: true, defaultValue: 20, description: `So many, 0 to ${mostPaths}.` }),
      },
      resolve: ({ topPaths }, { first }) => topPaths.slice(0, Math.min(Math.max(first, 0), mostPaths)),
    }),
    duration: t.expose('duration', {
      type: DurationStats,
      description: 'How long they took, where the log says so.',
    }),
    bytesSent: t.expose('bytesSent', { type: 'BigInt', description: 'Bytes that were sent, all together.' }),
  }),
});
