import type { Ask } from "../connection/requests";
import type { Looked } from "../wire/protocol";

/** A look for other computers, because somebody asked for it: around this one, or at an address. */
export class Survey {
  /** Whether it goes on. */
  running = $state(false);
  /** Where is looked, or was last: an address; empty for all of the own network. */
  where = $state("");
  /** What came of the last one; null when none has ended well. */
  found = $state.raw<Looked | null>(null);
  /** Why the last one failed; empty when it did not. */
  problem = $state("");
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Look at an address, or without one at each address of the own network. */
  begin(address = ""): void {
    const where = address.trim();
    if (this.running) return;
    this.where = where;
    this.found = null;
    this.problem = "";
    this.running = this.#ask(
      { type: "look", ...(where === "" ? {} : { address: where }) },
      {
        answered: (looked) => {
          this.running = false;
          this.found = looked;
        },
        refused: ({ message }) => {
          this.running = false;
          this.problem = message;
        },
        lost: () => (this.running = false),
      },
    );
  }
}
