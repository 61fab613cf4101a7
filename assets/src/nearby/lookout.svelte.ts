import type { Ask } from "../connection/requests";
import type { Diagnosis, RoomInfo } from "../wire/protocol";

/** How long somebody is alone before it is found out why: milliseconds. */
export const ALONE = 10_000;

/** Whether nobody else is in a room of this node, and no other node that answers was found. @param isIn whether we are in a room. */
export function isNobodyFound(infos: readonly RoomInfo[], isIn: (room: string) => boolean): boolean {
  return infos.every(({ id, kind, members, online }) =>
    kind === "home" ? members <= Number(isIn(id)) : kind === "mirror" && !online,
  );
}

/** Finds out why nobody is found: by itself when somebody was alone for a while, and whenever they ask. */
export class Lookout {
  /** Whether nobody else is found on the network. */
  alone = $state(false);
  /** What was found out last; null before that. */
  diagnosis = $state.raw<Diagnosis | null>(null);
  /** Whether it is being found out. */
  examining = $state(false);
  /** Whether the node gets keys of its own when it starts next. */
  renewed = $state(false);
  /** Why something could not be done; empty when it could. */
  problem = $state("");
  readonly #ask: Ask;
  #since = 0;
  /** What was found out is about this address of the node. */
  #address = "";

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Take how it is now. @param address where the node is: when that changes, what was found out is old. */
  tick(now: number, alone: boolean, address: string): void {
    if (alone !== this.alone || address !== this.#address) {
      this.#since = now;
      this.diagnosis = null;
    }
    this.#address = address;
    this.alone = alone;
    if (alone && this.diagnosis === null && !this.examining && now - this.#since >= ALONE) this.look();
  }

  look(): void {
    this.problem = "";
    this.examining = this.#ask(
      { type: "diagnose" },
      {
        answered: (diagnosis) => {
          this.examining = false;
          this.diagnosis = diagnosis;
        },
        refused: ({ message }) => this.#fail(message),
        lost: () => (this.examining = false),
      },
    );
  }

  /** Have the node take keys of its own when it starts next. */
  renew(): void {
    this.problem = "";
    this.#ask(
      { type: "renew" },
      { answered: () => (this.renewed = true), refused: ({ message }) => this.#fail(message) },
    );
  }

  #fail(message: string): void {
    this.examining = false;
    this.problem = message;
    // It is not asked for again by itself at once.
    this.#since = Infinity;
  }
}
