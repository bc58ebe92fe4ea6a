/** Lets one go after the other, in the order in which they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work);
    // Whatever became of one, the next has its turn.
    this.#last = turn.catch(() => {});
    return turn;
  }
}
