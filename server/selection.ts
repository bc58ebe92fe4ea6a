import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  visit,
} from 'graphql';
import { Batch } from '../src/batch.ts';
import { WrittenAnswer } from './answer.ts';
import { compilePicker, type Picker } from './picker.ts';

/** Selections of one document, which differ in variables, that are remembered: the others are compiled again. */
const mostOfDocument = 100;

/**
 * Characters of answers that are remembered, over all selections: the last batch or two for hundreds of them. The newest
 * is whatever it takes, for others are about to ask for it.
 */
const mostCharacters = 2 ** 20;

/**
 * What is asked of the events of a subscription: a document, with the variables that it uses for that. Subscriptions
 * that ask for the same share one selection, wherever they began and whoever they are of, and a batch that many of them
 * get is written once.
 *
 * Nobody sees more by it: which events there are is decided before, and a picker knows nothing but the event.
 */
export class Selection {
  readonly #pick: Picker | null;
  readonly #written = new Map<Batch, WrittenAnswer>();

  private constructor(args: ExecutionArgs) {
    this.#pick = compilePicker(args);
  }

  static of(args: ExecutionArgs): Selection {
    const { document, operationName } = args;
    const known = selections.get(document) ?? new Map<string, Selection>();
    selections.set(document, known);
    const key = JSON.stringify([operationName, usedVariables(args)]);
    const selection = known.get(key) ?? new Selection(args);
    // The one that was asked for last is the last to go.
    known.delete(key);
    known.set(key, selection);
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size > mostOfDocument) known.delete(oldest);
    return selection;
  }

  /** The answer to an event; null when that needs the executor. */
  answerTo(event: unknown): WrittenAnswer | null {
    if (!(event instanceof Batch && event.isShared)) return this.#write(event);
    const known = this.#written.get(event);
    if (known !== undefined) return known;
    const answer = this.#write(event);
    if (answer !== null) {
      this.#written.set(event, answer);
      remember(answer, () => this.#written.delete(event));
    }
    return answer;
  }

  #write(event: unknown): WrittenAnswer | null {
    const json = this.#pick?.(event) ?? null;
    return json === null ? null : new WrittenAnswer(json);
  }
}

/** By document, which the server parses once for all who send the same text. */
const selections = new WeakMap<DocumentNode, Map<string, Selection>>();

/** Answers that were written lately, the oldest first. */
const recent: { characters: number; forget: () => void }[] = [];
let characters = 0;

function remember({ json }: WrittenAnswer, forget: () => void): void {
  recent.push({ characters: json.length, forget });
  characters += json.length;
  while (characters > mostCharacters && recent.length > 1) {
    const oldest = recent.shift();
    characters -= oldest?.characters ?? characters;
    oldest?.forget();
  }
}

/** The variables that a selection depends on, as they were given: not those that say where, or of what, there are events. */
function usedVariables({ document, operationName, variableValues }: ExecutionArgs): [string, unknown][] {
  const operation = getOperationAST(document, operationName);
  const names = operation ? [...namesIn(document, operation)] : [];
  return names.filter((name) => variableValues?.[name] !== undefined).map((name) => [name, variableValues?.[name]]);
}

function namesIn(document: DocumentNode, operation: OperationDefinitionNode): Set<string> {
  const names = new Set<string>();
  const note = { Variable: { enter: ({ name }: { name: { value: string } }) => void names.add(name.value) } };
  const noteOf = (selection: SelectionNode): void => {
    if (selection.kind !== Kind.FIELD) visit(selection, note);
    // The arguments of the subscription itself are for whoever makes its events.
    else visit({ ...selection, arguments: [] }, note);
  };
  operation.selectionSet.selections.forEach(noteOf);
  for (const node of document.definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) visit(node, note);
  return names;
}
