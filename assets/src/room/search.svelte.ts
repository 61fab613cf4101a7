import type { Outcome } from "../connection/requests";
import type { Found, Hit, Search } from "../wire/protocol";
import { PAGE } from "../wire/protocol";

/** How long the last key is waited for before the node is asked: milliseconds. */
export const PAUSE = 150;

/** Asks the node for messages; false while there is no connection. */
export type AskForHits = (query: Pick<Search, "text" | "before" | "limit">, outcome: Outcome<Found>) => boolean;

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

  readonly #ask: AskForHits;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with each change of the text: answers to what was asked before are passed over. */
  #query = 0;

  constructor(ask: AskForHits) {
    this.#ask = ask;
  }

  get text(): string {
    return this.#text;
  }

  /** The text is searched for once nobody has typed for a moment. */
  set text(text: string) {
    this.#text = text;
    this.#query += 1;
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
    this.paging = this.#send({ before: last.event.seq }, (hits) => {
      this.hits = [...this.hits, ...hits];
    });
  }

  /** Choose the hit `step` places further down. */
  walk(step: 1 | -1): void {
    if (this.hits.length === 0) return;
    this.chosen = Math.min(Math.max(this.chosen + step, 0), this.hits.length - 1);
    if (this.chosen >= this.hits.length - 2) this.older();
  }

  /** The node lets us in again: what was not answered is asked again. */
  resume(): void {
    if (this.state === "cut") this.#begin();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#query += 1;
    this.#text = "";
    this.hits = [];
    this.more = this.paging = false;
    this.chosen = -1;
    this.state = "idle";
  }

  #begin(): void {
    this.refusal = "";
    const sent = this.#send({}, (hits) => {
      this.hits = hits;
      this.chosen = -1;
    });
    this.state = sent ? "asking" : "cut";
  }

  #send(where: Pick<Search, "before">, found: (hits: readonly Hit[]) => void): boolean {
    const query = this.#query;
    const current = (then: () => void): void => {
      if (query !== this.#query) return;
      this.paging = false;
      then();
    };
    return this.#ask(
      { text: this.#text, ...where, limit: PAGE },
      {
        answered: ({ hits, more }) =>
          current(() => {
            found(hits);
            this.more = more === true;
            this.state = "answered";
          }),
        refused: ({ message }) =>
          current(() => {
            this.more = false;
            this.refusal = message;
            this.state = "refused";
          }),
        lost: () =>
          current(() => {
            if (this.state === "asking") this.state = "cut";
          }),
      },
    );
  }
}
