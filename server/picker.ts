import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getOperationAST,
  getVariableValues,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Writes the answer to one event of a subscription, as JSON; null when this event needs the executor. */
export type Picker = (event: unknown) => string | null;

/** Gives a value as it stands in the answer, as JSON. Throws `needsExecutor` for what only the executor can give. */
type Write = (value: unknown) => string;

const needsExecutor = Symbol('needs the executor');

/**
 * The executor of a subscription's events, made for its one selection. A log entry has a handful of fields that are at
 * hand; the general executor spends most of its time on finding out what is asked for, again for each of them.
 *
 * It does only what is simple: fields that resolve at once, to leaves, lists and objects of the engine. Whatever else
 * comes up (a promise, an error, null where none may be) is left to the executor, which then makes the whole answer;
 * so the two cannot differ. Null when the selection asks for more, such as rows of the database.
 *
 * What it writes depends on the event alone, and so is the same for whoever gets it: a resolver that looks at who asks,
 * or at the arguments of the subscription, is left to the executor, too.
 *
 * It writes text: objects would be made only to be written and thrown away.
 */
export function compilePicker(args: ExecutionArgs): Picker | null {
  const { document, operationName, schema, variableValues } = args;
  const operation = getOperationAST(document, operationName);
  const root = schema.getSubscriptionType();
  if (operation?.operation !== 'subscription' || !root) return null;
  // As the executor takes them: with their defaults.
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
  if (coerced === undefined) return null;
  try {
    const write = new Compiler(document, coerced, schema).object(root, [operation.selectionSet]);
    return (event) => {
      try {
        return `{"data":${write(event)}}`;
      } catch {
        return null;
      }
    };
  } catch (error) {
    // Of an argument that cannot be, the executor tells where it is.
    if (error === needsExecutor || error instanceof GraphQLError) return null;
    throw error;
  }
}

class Compiler {
  readonly #schema: GraphQLSchema;
  readonly #root: GraphQLObjectType | null | undefined;
  readonly #variables: { readonly [name: string]: unknown };
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  constructor(document: DocumentNode, variables: { readonly [name: string]: unknown }, schema: GraphQLSchema) {
    this.#schema = schema;
    this.#root = schema.getSubscriptionType();
    this.#variables = variables;
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(node.name.value, node);
    }
  }

  object(type: GraphQLObjectType, selections: SelectionSetNode[]): Write {
    const fields = [...this.#collect(type, selections)].map(([key, nodes], index) => ({
      head: `${index === 0 ? '' : ','}${JSON.stringify(key)}:`,
      write: this.#field(type, nodes),
    }));
    return (parent) => {
      let text = '{';
      for (const { head, write } of fields) text += head + write(parent);
      return `${text}}`;
    };
  }

  #field(type: GraphQLObjectType, [node, ...others]: FieldNode[]): Write {
    const name = node?.name.value;
    if (node === undefined || name === undefined) throw needsExecutor;
    if (name === '__typename') {
      const typeName = JSON.stringify(type.name);
      return () => typeName;
    }
    const field = type.getFields()[name];
    // Rows of the database are loaded by what is selected of them, which only the executor can say.
    if (field === undefined || isRow(field.type)) throw needsExecutor;
    const write = this.#value(field.type, [node, ...others]);
    return this.#resolver(
      field,
      type === this.#root ? notTold : getArgumentValues(field, node, this.#variables),
      write,
    );
  }

  #resolver({ resolve, name }: GraphQLField<unknown, unknown>, args: { [name: string]: unknown }, write: Write): Write {
    if (resolve === undefined) return (parent) => write(propertyOf(parent, name));
    return (parent) => write(resolve(parent, args, notTold, noInfo));
  }

  #value(type: GraphQLOutputType, nodes: FieldNode[], absent: () => string = writeNull): Write {
    if (isNonNullType(type)) return this.#value(type.ofType, nodes, leaveToExecutor);
    const write = isListType(type) ? this.#list(type.ofType, nodes) : this.#present(type, nodes);
    return (value) => {
      if (value === null || value === undefined) return absent();
      if (value instanceof Promise || value instanceof Error) throw needsExecutor;
      return write(value);
    };
  }

  #list(type: GraphQLOutputType, nodes: FieldNode[]): Write {
    const write = this.#value(type, nodes);
    return (values) => {
      if (!Array.isArray(values)) throw needsExecutor;
      return `[${values.map(write).join()}]`;
    };
  }

  #present(type: GraphQLOutputType, nodes: FieldNode[]): Write {
    const selections = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (isLeafType(type)) return leaf(type);
    if (isObjectType(type)) return this.object(type, selections);
    if (isAbstractType(type)) return this.#abstract(type, selections);
    throw needsExecutor;
  }

  #abstract(type: GraphQLAbstractType, selections: SelectionSetNode[]): Write {
    const byName = new Map(
      this.#schema.getPossibleTypes(type).map((possible) => [possible.name, this.#later(possible, selections)]),
    );
    return (value) => {
      const name = type.resolveType?.(value, notTold, noInfo, type);
      const write = typeof name === 'string' ? byName.get(name) : undefined;
      if (write === undefined) throw needsExecutor;
      return write(value);
    };
  }

  /** A possible type that needs the executor does not keep others, which may be more frequent, from being picked. */
  #later(type: GraphQLObjectType, selections: SelectionSetNode[]): Write {
    try {
      return this.object(type, selections);
    } catch (error) {
      if (error !== needsExecutor) throw error;
      return leaveToExecutor;
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

function leaf(type: GraphQLLeafType): Write {
  if (isEnumType(type)) {
    const names = new Map<unknown, string>(type.getValues().map(({ name, value }) => [value, JSON.stringify(name)]));
    return (value) => names.get(value) ?? leaveToExecutor();
  }
  return (value) => written(type.serialize(value));
}

/** Characters that are escaped in JSON, and some that need not be. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const escaped = /["\\\u0000-\u001f\ud800-\udfff]/;

/** As JSON.stringify does; most strings have nothing to escape, which is told in less time than it takes. */
function written(value: unknown): string {
  if (typeof value === 'string' && !escaped.test(value)) return `"${value}"`;
  return value === null ? leaveToExecutor() : (JSON.stringify(value) ?? leaveToExecutor());
}

const writeNull = () => 'null';

const leaveToExecutor = (): never => {
  throw needsExecutor;
};

/** A resolver that looks at this fails, and is then called by the executor, which knows. */
const notTold = new Proxy(Object.create(null), {
  get: leaveToExecutor,
  has: leaveToExecutor,
  ownKeys: leaveToExecutor,
});
const noInfo: GraphQLResolveInfo = notTold;
