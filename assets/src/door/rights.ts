import type { LocalStore } from "../platform/storage";

const KEY = "right.";

/** The invitations by which a guest came into rooms: another node of the same room may want to see them as well. */
export class Rights {
  readonly #store: LocalStore;

  constructor(store: LocalStore) {
    this.#store = store;
  }

  /** The code by which a room can be entered; empty for none. */
  of(room: string): string {
    const code = this.#store.get<unknown>(KEY + room);
    return typeof code === "string" ? code : "";
  }

  keep(room: string, code: string): void {
    if (code !== "") this.#store.set(KEY + room, code);
  }
}
