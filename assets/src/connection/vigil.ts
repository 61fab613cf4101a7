/** So long a node may be silent before it is asked whether it is there: milliseconds. */
export const SILENT = 3_000;
/** So long it may take to answer: milliseconds. */
export const ANSWER = 1_500;
/** The same for one to which we have come: all its new guests load its page at once. */
export const ANSWER_THERE = 6_000;
/**
 * After so long another way is tried when one leads nowhere, and the longest such time: milliseconds. Each is twice as
 * long as the one before, or else a device that needs long to load a page would begin anew again and again.
 */
export const AGAIN = [4_000, 60_000] as const;

/** What a vigil looks at. */
export interface VigilContext {
  /** When the node said something last: milliseconds. */
  heardAt(): number;
  /** Whether there is anything to be done if the node is gone. */
  wanted(): boolean;
  /** Ask the node; fails when it does not answer in time. */
  probe(): Promise<unknown>;
  /** The node is gone. */
  onGone(): void;
}

/** Notices that the node is gone: it was silent for a while, and does not answer when it is asked. */
export class Vigil {
  readonly #context: VigilContext;
  #answered = 0;
  #gone = 0;
  #pause = 0;
  #probing = false;

  constructor(context: VigilContext) {
    this.#context = context;
  }

  /** Let time pass. */
  tick(now: number): void {
    const { heardAt, wanted, probe } = this.#context;
    // It has come back in between: all begins anew.
    if (heardAt() > this.#gone) this.#pause = 0;
    const quiet = now - Math.max(heardAt(), this.#answered);
    if (this.#probing || quiet < SILENT || now - this.#gone < this.#pause || !wanted()) return;
    this.#probing = true;
    void probe().then(
      () => this.#heard(now),
      () => this.#silent(now),
    );
  }

  #heard(now: number): void {
    this.#probing = false;
    this.#pause = 0;
    this.#answered = now;
  }

  #silent(now: number): void {
    this.#probing = false;
    // It may have come back while it was asked.
    if (this.#context.heardAt() > now) return;
    this.#gone = now;
    this.#pause = Math.min(Math.max(AGAIN[0], 2 * this.#pause), AGAIN[1]);
    this.#context.onGone();
  }
}
