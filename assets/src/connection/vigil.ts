/** So long a node may be silent before it is asked whether it is there: milliseconds. */
export const SILENT = 3_000;
/** So long it may take to answer: milliseconds. */
export const ANSWER = 1_500;
/** After so long another way is tried when one leads nowhere: milliseconds. */
export const AGAIN = 3_000;

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
  #probing = false;

  constructor(context: VigilContext) {
    this.#context = context;
  }

  /** Let time pass. */
  tick(now: number): void {
    const { heardAt, wanted, probe } = this.#context;
    const quiet = now - Math.max(heardAt(), this.#answered);
    if (this.#probing || quiet < SILENT || now - this.#gone < AGAIN || !wanted()) return;
    this.#probing = true;
    void probe().then(
      () => this.#heard(now),
      () => this.#silent(now),
    );
  }

  #heard(now: number): void {
    this.#probing = false;
    this.#answered = now;
  }

  #silent(now: number): void {
    this.#probing = false;
    // It may have come back while it was asked.
    if (this.#context.heardAt() > now) return;
    this.#gone = now;
    this.#context.onGone();
  }
}
