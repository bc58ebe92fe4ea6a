import { type ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Levels of lists and objects in each other: people's filters have five, and whatever reads values recurses. */
const maxDepth = 300;

/** Refuses variables that are nested too deeply to be read, on every transport. */
export const useVariableLimit: Plugin = { onExecute: check, onSubscribe: check };

interface Hook {
  args: ExecutionArgs;
  setResultAndStopExecution(result: { errors: GraphQLError[] }): void;
}

function check({ args: { variableValues }, setResultAndStopExecution }: Hook): void {
  if (isWithin(variableValues, maxDepth)) return;
  const message = `The variables have lists and objects in each other, and more than ${maxDepth} levels of them; send flatter ones.`;
  const extensions = { code: 'BAD_USER_INPUT', http: { status: 400 } };
  setResultAndStopExecution({ errors: [new GraphQLError(message, { extensions })] });
}

/** Level by level, for by recursion it would have the fault that it is to prevent. */
function isWithin(value: unknown, depth: number): boolean {
  let level = [value];
  for (let left = depth; left >= 0; left--) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
    if (level.length === 0) return true;
  }
  return false;
}
