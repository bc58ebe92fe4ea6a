/**
 * Errors whose sentence may be shown to a user, and says what to do. Anything else that is thrown is our own fault:
 * it is masked and logged where the request ends.
 */
export abstract class DomainError extends Error {
  /** Stable name for programs: `extensions.code` of a GraphQL error. */
  abstract readonly code: string;
}

/** One thing wrong with an input, and where. */
export interface InputProblem {
  /** Names (and list positions) that lead to the value, outermost first. */
  path: string[];
  message: string;
  code: string;
  /** Position in the text of a query or pattern, where that is what is wrong. */
  start?: number;
  end?: number;
}

/** The input cannot be used as it is; every problem found is listed. */
export class InvalidInputError extends DomainError {
  readonly code = 'INVALID_INPUT';
  readonly problems: InputProblem[];
  constructor(problems: InputProblem[]) {
    super(problems.map((problem) => problem.message).join(' '));
    this.problems = problems;
  }
}

/** Nothing there, or nothing the asker may see: the two are indistinguishable. */
export class NotFoundError extends DomainError {
  readonly code = 'NOT_FOUND';
}

/** What was asked for contradicts what is there already. */
export class ConflictError extends DomainError {
  readonly code = 'CONFLICT';
}

/** A limit of the server was reached; what it is, and when to try again. */
export class LimitReachedError extends DomainError {
  readonly code = 'LIMIT_REACHED';
  readonly limit: number | null;
  readonly retryAfterMs: number | null;
  constructor(
    message: string,
    { limit = null, retryAfterMs = null }: { limit?: number | null; retryAfterMs?: number | null } = {},
  ) {
    super(message);
    this.limit = limit;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Nobody is signed in, or the token is not (any longer) valid. */
export class UnauthenticatedError extends DomainError {
  readonly code = 'UNAUTHENTICATED';
}

/** A name, password, code or refresh token that does not let in; which of them was wrong is not said. */
export class InvalidCredentialsError extends DomainError {
  readonly code = 'INVALID_CREDENTIALS';
}

/** The token is not for this, whoever it acts for: a fault of the request, and never the answer of a mutation. */
export class InsufficientTokenError extends DomainError {
  readonly code = 'FORBIDDEN';
}

/** Signed in, but not allowed to do this. */
export class ForbiddenError extends DomainError {
  readonly code = 'FORBIDDEN';
}

/** Whoever asked is gone, so the work was not finished. Nobody reads this; and it is nobody's fault. */
export class CalledOffError extends DomainError {
  readonly code = 'CALLED_OFF';
}

/** The server cannot start or go on because of its surroundings: a sentence for whoever operates it. */
export class OperatorError extends Error {
  /** 2: something the operator wrote (flag, key, value); 1: something the machine lacks (port, directory, database). */
  readonly exitCode: 1 | 2;
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
