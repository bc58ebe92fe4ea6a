import {
  type ExecutionArgs,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getOperationAST,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Makes the answer to one event of a subscription; null when this event needs the executor. */
export type Picker = (event: unknown) => ExecutionResult | null;

/** Gives a value as it stands in the answer. Throws `needsExecutor` for what only the executor can give. */
type Complete = (value: unknown) => unknown;

const needsExecutor = Symbol('needs the executor');

/**
 * The executor of a subscription's events, made for its one selection. A log entry has a handful of fields that are at
 * hand; the general executor spends most of its time on finding out what is asked for, again for each of them.
 *
 * It does only what is simple: fields that resolve at once, to leaves, lists and objects of the engine. Whatever else
 * comes up (a promise, an error, null where none may be) is left to the executor, which then makes the whole answer;
 * so the two cannot differ. Null when the selection asks for more, such as rows of the database.
 */
export function compilePicker(args: ExecutionArgs): Picker | null {
  const { document, operationName, schema } = args;
  const operation = getOperationAST(document, operationName);
  const root = schema.getSubscriptionType();
  if (operation?.operation !== 'subscription' || !root) return null;
  try {
    const complete = new Compiler(args, schema).object(root, [operation.selectionSet]);
    return (event) => {
      try {
        return { data: record(complete(event)) };
      } catch {
        return null;
      }
    };
  } catch (error) {
    if (error === needsExecutor) return null;
    throw error;
  }
}

class Compiler {
  readonly #schema: GraphQLSchema;
  readonly #context: unknown;
  readonly #variables: { readonly [name: string]: unknown };
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  constructor({ document, contextValue, variableValues }: ExecutionArgs, schema: GraphQLSchema) {
    this.#schema = schema;
    this.#context = contextValue;
    this.#variables = variableValues ?? {};
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(node.name.value, node);
    }
  }

  object(type: GraphQLObjectType, selections: SelectionSetNode[]): Complete {
    const fields = [...this.#collect(type, selections)].map(([key, nodes]) => [key, this.#field(type, nodes)] as const);
    return (parent) => {
      const picked: Record<string, unknown> = {};
      for (const [key, complete] of fields) picked[key] = complete(parent);
      return picked;
    };
  }

  #field(type: GraphQLObjectType, [node, ...others]: FieldNode[]): Complete {
    const name = node?.name.value;
    if (node === undefined || name === undefined) throw needsExecutor;
    if (name === '__typename') return () => type.name;
    const field = type.getFields()[name];
    // Rows of the database are loaded by what is selected of them, which only the executor can say.
    if (field === undefined || isRow(field.type)) throw needsExecutor;
    const complete = this.#value(field.type, [node, ...others]);
    return this.#resolver(field, node, complete);
  }

  #resolver(field: GraphQLField<unknown, unknown>, node: FieldNode, complete: Complete): Complete {
    const { resolve, name } = field;
    if (resolve === undefined) return (parent) => complete(propertyOf(parent, name));
    const args = getArgumentValues(field, node, this.#variables);
    const context = this.#context;
    return (parent) => complete(resolve(parent, args, context, noInfo));
  }

  #value(type: GraphQLOutputType, nodes: FieldNode[]): Complete {
    if (isNonNullType(type)) {
      const complete = this.#value(type.ofType, nodes);
      return (value) => {
        const completed = complete(value);
        if (completed === null) throw needsExecutor;
        return completed;
      };
    }
    if (isListType(type)) {
      const complete = this.#value(type.ofType, nodes);
      return (value) => {
        if (value === null || value === undefined) return null;
        if (!Array.isArray(value)) throw needsExecutor;
        return value.map(complete);
      };
    }
    const present = this.#present(type, nodes);
    return (value) => {
      if (value === null || value === undefined) return null;
      if (value instanceof Promise || value instanceof Error) throw needsExecutor;
      return present(value);
    };
  }

  #present(type: GraphQLOutputType, nodes: FieldNode[]): Complete {
    const selections = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (isLeafType(type)) return (value) => type.serialize(value);
    if (isObjectType(type)) return this.object(type, selections);
    if (isAbstractType(type)) return this.#abstract(type, selections);
    throw needsExecutor;
  }

  #abstract(type: GraphQLAbstractType, selections: SelectionSetNode[]): Complete {
    const byName = new Map(
      this.#schema.getPossibleTypes(type).map((possible) => [possible.name, this.#later(possible, selections)]),
    );
    return (value) => {
      const name = type.resolveType?.(value, this.#context, noInfo, type);
      const complete = typeof name === 'string' ? byName.get(name) : undefined;
      if (complete === undefined) throw needsExecutor;
      return complete(value);
    };
  }

  /** A possible type that needs the executor does not keep others, which may be more frequent, from being picked. */
  #later(type: GraphQLObjectType, selections: SelectionSetNode[]): Complete {
    try {
      return this.object(type, selections);
    } catch (error) {
      if (error !== needsExecutor) throw error;
      return () => {
        throw needsExecutor;
      };
    }
  }

  /** The fields of a selection for a type, by their name in the answer, in the order of the specification (6.3.2). */
  #collect(type: GraphQLObjectType, selections: SelectionSetNode[]): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const visited = new Set<string>();
    const collect = (selection: SelectionNode): void => {
      if (!this.#isIncluded(selection)) return;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        fields.set(key, [...(fields.get(key) ?? []), selection]);
        return;
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD && visited.has(selection.name.value)) return;
      if (selection.kind === Kind.FRAGMENT_SPREAD) visited.add(selection.name.value);
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
      if (fragment && this.#applies(fragment.typeCondition?.name.value, type)) {
        fragment.selectionSet.selections.forEach(collect);
      }
    };
    for (const { selections: nodes } of selections) nodes.forEach(collect);
    return fields;
  }

  #applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const conditional = this.#schema.getType(condition);
    return isAbstractType(conditional) && this.#schema.isSubType(conditional, type);
  }

  #isIncluded(node: SelectionNode): boolean {
    const skip = getDirectiveValues(GraphQLSkipDirective, node, this.#variables);
    if (skip?.if === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, node, this.#variables)?.if !== false;
  }
}

/** What graphql does for a field without a resolver; a method there is one more thing for the executor. */
function propertyOf(parent: unknown, name: string): unknown {
  if (typeof parent !== 'object' || parent === null) throw needsExecutor;
  const value = Reflect.get(parent, name);
  if (typeof value === 'function') throw needsExecutor;
  return value;
}

function isRow(type: GraphQLOutputType): boolean {
  if (isNonNullType(type) || isListType(type)) return isRow(type.ofType);
  return isObjectType(type) && type.extensions.pothosPrismaModel !== undefined;
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw needsExecutor;
  return { ...value };
}

/** A resolver that looks at what is selected fails on this, and is then called by the executor, which knows. */
const noInfo: GraphQLResolveInfo = new Proxy(Object.create(null), {
  get() {
    throw needsExecutor;
  },
});
