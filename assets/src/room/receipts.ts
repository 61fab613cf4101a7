import type { Receipts } from "../wire/protocol";

/** Shortest time between two words that we have read on: milliseconds. */
export const READ_PAUSE = 2_000;

/** What is known of a room's copies and readers: the newest word of each node. Another object for each change. */
export class RoomReceipts {
  readonly #said: ReadonlyMap<string, Receipts>;

  constructor(said: ReadonlyMap<string, Receipts> = new Map()) {
    this.#said = said;
  }

  /** Take how far one node is; it replaces what was known of that node. */
  with(receipts: Receipts): RoomReceipts {
    return new RoomReceipts(new Map(this.#said).set(receipts.node.id, receipts));
  }

  /** On the disks of how many computers an event is: the home's, before anybody sees it, and those that say so. */
  machines(seq: number): number {
    return 1 + this.#all.filter(({ kept = 0 }) => kept >= seq).length;
  }

  /**
   * How many others have read up to an event of ours.
   *
   * One of the readers is always taken for us. A node may count us by what we told it before this page was loaded, so
   * what we have said by now does not tell; rather one too few than one too many.
   */
  readers(seq: number): number {
    const steps = this.#all.flatMap(({ read = [] }) => read).filter(([step]) => step >= seq);
    return Math.max(0, steps.reduce((sum, [, count]) => sum + count, 0) - 1);
  }

  get #all(): Receipts[] {
    return [...this.#said.values()];
  }
}

/** How far we have read a room, and how far the node was told. */
export class ReadMarker {
  readonly #tell: (seq: number) => boolean;
  #seen = 0;
  #told = 0;
  #next = 0;

  /** @param tell tells the node; false while it cannot be told. */
  constructor(tell: (seq: number) => boolean) {
    this.#tell = tell;
  }

  /** This event is before somebody's eyes. */
  advance(seq: number, now: number): void {
    this.#seen = Math.max(this.#seen, seq);
    this.tick(now);
  }

  /** Tell what is to be told, if it is time. */
  tick(now: number): void {
    if (this.#seen <= this.#told || now < this.#next || !this.#tell(this.#seen)) return;
    this.#told = this.#seen;
    this.#next = now + READ_PAUSE;
  }

  /** The node may have forgotten what it was told. */
  reset(): void {
    this.#told = 0;
  }

  /** Tell what is to be told now. */
  flush(): void {
    this.#next = 0;
    this.tick(0);
  }

  /** Begin after a place: up to there the node knows. */
  begin(seq: number): void {
    this.#seen = seq;
    this.#told = seq;
  }

  /** The history is another one. */
  forget(): void {
    this.#seen = 0;
    this.#told = 0;
  }
}
