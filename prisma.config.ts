import { defineConfig } from 'prisma/config';

const url = process.env.DATABASE_URL ?? 'file:./data/tailql.db';
const kind = url.startsWith('file:') ? 'sqlite' : 'postgresql';

// Only the Prisma CLI reads this file; the server takes its database from its own configuration (src/config.ts).
export default defineConfig({
  schema: kind === 'sqlite' ? 'prisma/schema.prisma' : 'prisma/postgresql.prisma',
  migrations: { path: `prisma/migrations/${kind}` },
  datasource: { url },
});
