import { builder } from './builder.ts';
import './scalar.ts';
import './error.ts';
import './server.ts';
import './user.ts';
import './source.ts';
import './source-event.ts';
import './entry.ts';
import './entry-type.ts';
import './entries.ts';
import './summary.ts';
import './download.ts';
import './filter.ts';
import './tail.ts';
import './node.ts';

export const schema = builder.toSchema();
