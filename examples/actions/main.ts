// TAILQL_TOKEN=… npx tsx examples/actions/main.ts
import { Reporter } from './reporter.ts';

const reporter = new Reporter({
  url: process.env.TAILQL_URL ?? 'http://127.0.0.1:4000/graphql',
  token: process.env.TAILQL_TOKEN ?? '',
  onProblem: (problem) => console.error(problem),
});

const sum = await reporter.withAction('example', 'add', () => 1 + 2);
console.log(`The sum is ${sum}.`);
try {
  await reporter.withAction('example', 'divide', () => 1n / 0n, { by: 'zero' });
} catch (error) {
  console.log(`As without a reporter: ${error}`);
}
await reporter.flush();
