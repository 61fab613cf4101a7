import type { Found, Hit, Search as Asked } from "../wire/protocol";
import { PAGE } from "../wire/protocol";

/** How long the last key is waited for before the node is asked: milliseconds. */
export const PAUSE = 150;

/** Where a search stands: nothing asked, on its way, answered, without a connection, or refused. */
export type SearchState = "idle" | "asking" | "answered" | "cut" | "refused";

/** What somebody looks for in one room, and what was found. */
export class RoomSearch {
  hits = $state.raw<readonly Hit[]>([]);
  state = $state<SearchState>("idle");
  /** Why the node does not search; empty when it does. */
  refusal = $state("");
  /** Whether older messages may be found as well. */
  more = $state(false);
  /** Whether a page of older ones is on its way. */
  paging = $state(false);
  /** Which hit is chosen; -1 for none. */
  chosen = $state(-1);
  #text = $state("");

  readonly #ask: (asked: Omit<Asked, "type" | "room">) => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param ask sends a search to the node; false while there is no connection. */
  constructor(ask: (asked: Omit<Asked, "type" | "room">) => boolean) {
    this.#ask = ask;
  }

  get text(): string {
    return this.#text;
  }

  /** The text is searched for once nobody has typed for a moment. */
  set text(text: string) {
    this.#text = text;
    clearTimeout(this.#timer);
    this.paging = false;
    if (text.trim() === "") this.clear();
    else {
      this.state = "asking";
      this.#timer = setTimeout(() => this.#begin(), PAUSE);
    }
  }

  /** Ask for older ones. */
  older(): void {
    const last = this.hits.at(-1);
    if (!this.more || this.paging || last === undefined) return;
    this.paging = this.#ask({ text: this.#text, before: last.event.seq, limit: PAGE });
  }

  receive({ text, before, hits }: Found): void {
    // The answer to a text that was changed meanwhile.
    if (text !== this.#text || (before != null && !this.paging)) return;
    this.hits = before == null ? hits : [...this.hits, ...hits];
    if (before == null) this.chosen = -1;
    this.more = hits.length === PAGE;
    this.paging = false;
    this.state = "answered";
  }

  /** Choose the hit `step` places further down. */
  walk(step: 1 | -1): void {
    if (this.hits.length === 0) return;
    this.chosen = Math.min(Math.max(this.chosen + step, 0), this.hits.length - 1);
    if (this.chosen >= this.hits.length - 2) this.older();
  }

  /** The node refused something in this room: true when it was this search. */
  refused(message: string): boolean {
    if (this.state !== "asking" && !this.paging) return false;
    this.paging = false;
    this.more = false;
    this.refusal = message;
    this.state = "refused";
    return true;
  }

  /** The connection is gone. */
  disconnected(): void {
    this.paging = false;
    if (this.state === "asking") this.state = "cut";
  }

  /** The node lets us in again: what was not answered is asked again. */
  resume(): void {
    if (this.state === "cut") this.#begin();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#text = "";
    this.hits = [];
    this.more = this.paging = false;
    this.chosen = -1;
    this.state = "idle";
  }

  #begin(): void {
    this.refusal = "";
    this.state = this.#ask({ text: this.#text, limit: PAGE }) ? "asking" : "cut";
  }
}
