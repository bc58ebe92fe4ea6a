import {
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getOperationAST,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LimitReachedError } from '../src/errors.ts';
import { refusal } from './errors.ts';

/** A list whose length nobody knows before it is there. */
const typicalList = 10;
/** A page is read from disk or from the database: that costs more than a field of it. */
const pageCost = 20;
/** A search may take some seconds: with the default limit, twenty of them fit into one operation. */
const searchCost = 5000;
/** Entries of a page or an event for which no size is asked. */
const defaultSizes: Record<string, number> = { logTail: 200, actionRecorded: 200 };
const defaultPage = 50;

/**
 * Refuses operations that ask for too much at once, on every transport. Counted are the fields of the answer, those of
 * a list once for each thing that may be in it; so nesting pages in pages ends soon, however short the document is.
 *
 * Not a validation rule: the size of a page may be a variable, and validation is remembered by document.
 */
export function useCostLimit(limit: number): Plugin {
  const check = ({ args, setResultAndStopExecution }: Hook) => {
    const cost = costOf(args);
    if (cost <= limit) return;
    const message = `This asks for up to ${cost} fields, and the limit is ${limit}; ask for smaller pages, or in several requests.`;
    setResultAndStopExecution({ errors: [refusal(new LimitReachedError(message, { limit }))] });
  };
  return { onExecute: check, onSubscribe: check };
}

interface Hook {
  args: ExecutionArgs;
  setResultAndStopExecution(result: { errors: GraphQLError[] }): void;
}

/** How many fields the answer to an operation may have. */
export function costOf({ document, operationName, schema, variableValues }: ExecutionArgs): number {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) return 0;
  const fragments = new Map(
    document.definitions
      .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node): [string, FragmentDefinitionNode] => [node.name.value, node]),
  );
  const counter = new Counter(schema, fragments, variableValues ?? {});
  return counter.selection(operation.selectionSet, root, 'single');
}

/** Whether the lists of a selection are those of a page, whose size the field above it has counted. */
type Place = 'single' | 'page';

class Counter {
  readonly #schema: GraphQLSchema;
  readonly #fragments: Map<string, FragmentDefinitionNode>;
  readonly #variables: { readonly [name: string]: unknown };
  /** So that fragments that spread each other twice do not double the work each time. */
  readonly #counted = new Map<string, number>();

  constructor(
    schema: GraphQLSchema,
    fragments: Map<string, FragmentDefinitionNode>,
    variables: { readonly [name: string]: unknown },
  ) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#variables = variables;
  }

  selection({ selections }: SelectionSetNode, type: GraphQLNamedType, place: Place): number {
    let cost = 0;
    for (const node of selections) {
      if (node.kind === Kind.FIELD) cost += this.#field(node, type, place);
      else if (node.kind === Kind.INLINE_FRAGMENT) {
        const condition = node.typeCondition && this.#schema.getType(node.typeCondition.name.value);
        cost += this.selection(node.selectionSet, condition ?? type, place);
      } else cost += this.#fragment(node.name.value, place);
    }
    return cost;
  }

  #fragment(name: string, place: Place): number {
    const key = `${place} ${name}`;
    const known = this.#counted.get(key);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    const type = fragment && this.#schema.getType(fragment.typeCondition.name.value);
    const cost = fragment && type ? this.selection(fragment.selectionSet, type, place) : 0;
    this.#counted.set(key, cost);
    return cost;
  }

  #field(node: FieldNode, parent: GraphQLNamedType, place: Place): number {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    const meta = node.name.value === '__schema' ? this.#schema.getType('__Schema') : this.#schema.getType('__Type');
    const type = field ? getNamedType(field.type) : meta;
    if (!node.selectionSet || !type || !isCompositeType(type)) return 1;
    const size = field && this.#pageSize(field, node);
    const search = field && this.#isSearch(field, node) ? searchCost : 0;
    if (size !== undefined) return search + pageCost + size * this.selection(node.selectionSet, type, 'page');
    const isList = field ? isListType(isNonNullType(field.type) ? field.type.ofType : field.type) : false;
    const times = isList && place === 'single' ? typicalList : 1;
    return search + 1 + times * this.selection(node.selectionSet, type, 'single');
  }

  /** Whether logs are looked through for a field, and not only read. */
  #isSearch(field: GraphQLField<unknown, unknown>, node: FieldNode): boolean {
    const isTail = ['LogTailEvent', 'ActionEvent'].includes(getNamedType(field.type).name);
    if (isTail || !field.args.some(({ name }) => name === 'filter')) return false;
    const isPage = field.args.some(({ name }) => name === 'last');
    return !isPage || (this.#arguments(field, node).filter ?? null) !== null;
  }

  /** How many things a field's page may have; undefined for a field that is none. */
  #pageSize(field: GraphQLField<unknown, unknown>, node: FieldNode): number | undefined {
    const names = new Set(field.args.map(({ name }) => name));
    const args = this.#arguments(field, node);
    if (names.has('first') && names.has('last')) return sizeOf(args.first) ?? sizeOf(args.last) ?? defaultPage;
    if (field.name === 'surrounding') return (sizeOf(args.before) ?? 0) + (sizeOf(args.after) ?? 0);
    if (Array.isArray(args.ids)) return args.ids.length;
    const known = defaultSizes[field.name];
    if (known === undefined) return undefined;
    const { delivery } = args;
    const batch =
      typeof delivery === 'object' && delivery !== null && 'maxBatch' in delivery ? delivery.maxBatch : null;
    return sizeOf(batch) ?? known;
  }

  #arguments(field: GraphQLField<unknown, unknown>, node: FieldNode): { [name: string]: unknown } {
    try {
      return getArgumentValues(field, node, this.#variables);
    } catch (error) {
      // Wrong arguments are told when the field is executed.
      if (error instanceof GraphQLError) return {};
      throw error;
    }
  }
}

/** What is beyond any page is told to be when the field is executed, with its name. */
const mostInPage = 1000;

const sizeOf = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 && value <= mostInPage ? Math.max(value, 1) : undefined;
