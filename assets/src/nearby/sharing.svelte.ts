import type { Ask } from "../connection/requests";
import type { Shared } from "../wire/protocol";

/** How others come into a room: what the node answered last, for the address that was chosen. */
export class Sharing {
  shared = $state.raw<Shared | null>(null);
  /** Why there is no address; empty when there is one. */
  problem = $state("");
  readonly #ask: Ask;
  #asked = "";
  #at = "";

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Whether the address leads others here; as long as it is not known it is taken for one that does. */
  get reachable(): boolean {
    return this.shared === null || this.shared.addresses.find(({ url }) => url === this.shared?.at)?.network !== "loopback";
  }

  /** Ask for the way into a room, by an invitation if there is one. The address that was chosen stays as long as it is there. */
  look(room: string, invitation = ""): void {
    const asked = `${room} ${invitation}`;
    if (asked !== this.#asked) {
      this.shared = null;
      this.problem = "";
    }
    this.#asked = asked;
    this.#ask(
      { type: "share", room, at: this.#at, ...(invitation === "" ? {} : { invitation }) },
      {
        answered: (shared) => {
          if (this.#asked !== asked) return;
          this.shared = shared;
          this.problem = "";
        },
        refused: ({ message }) => {
          if (this.#asked === asked) this.problem = message;
        },
      },
    );
  }

  /** Use another address of the node. */
  choose(at: string): void {
    this.#at = at;
    const [room = "", invitation = ""] = this.#asked.split(" ");
    if (room !== "") this.look(room, invitation);
  }
}
