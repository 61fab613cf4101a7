import type { LocalStore } from "../platform/storage";

const KEY = "draft.";
/** How long a text that is being written waits before it is kept: milliseconds. */
export const PAUSE = 300;

/** What is written in each room and not said yet, so that it is there again after the page was closed. */
export class Drafts {
  readonly #store: LocalStore;
  readonly #waiting = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: LocalStore) {
    this.#store = store;
  }

  of(room: string): string {
    const kept = this.#waiting.get(room) ?? this.#store.get<unknown>(KEY + room);
    return typeof kept === "string" ? kept : "";
  }

  /** LocalStore a text once nobody has typed for a moment. */
  write(room: string, text: string): void {
    this.#waiting.set(room, text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), PAUSE);
  }

  /** LocalStore everything now: the page may be about to go. */
  flush(): void {
    clearTimeout(this.#timer);
    for (const [room, text] of this.#waiting) {
      if (text === "") this.#store.remove(KEY + room);
      else this.#store.set(KEY + room, text);
    }
    this.#waiting.clear();
  }
}
