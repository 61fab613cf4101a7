import type { Send } from "../connection/socket";
import type { Event, Joined, Page } from "../wire/protocol";
import { FAR, PAGE } from "../wire/protocol";
import { Timeline } from "./timeline.svelte";

/** What a history needs of its room. */
export interface HistoryContext {
  readonly send: Send;
  /** Whether the node has let us in. */
  entered(): boolean;
  /** Go on near the top instead of where we were. */
  join(): void;
  /** These events were numbered. */
  onEvents(events: readonly Event[]): void;
}

/** The events of one room: those that are here, and those that are being fetched. */
export class RoomHistory {
  /** Whether a page of events before or after what is shown is on its way. */
  paging = $state(false);
  /** The message that somebody jumped to; another object for each jump. */
  sought = $state.raw<{ readonly seq: number } | null>(null);
  readonly timeline = new Timeline();
  readonly #room: string;
  readonly #context: HistoryContext;
  #top = 0;
  #repairing = false;
  #seeking = 0;

  constructor(room: string, context: HistoryContext) {
    this.#room = room;
    this.#context = context;
  }

  /** Take the answer to a join. */
  joined(joined: Joined): void {
    this.#top = Math.max(this.#top, joined.top);
    this.timeline.joined(joined);
    this.#context.onEvents(joined.events);
  }

  /** Ask for what a join left out. */
  resume(): void {
    this.#repair();
    this.#seek();
  }

  /** Take one event that happened just now: true when it is new here. */
  apply(event: Event): boolean {
    this.#top = Math.max(this.#top, event.seq);
    const admission = this.timeline.take([event]);
    if (admission !== "hole") this.#context.onEvents([event]);
    this.#repair();
    return admission === "next";
  }

  page(page: Page): void {
    const { events, after, around } = page;
    this.paging = false;
    if (after != null) this.#repairing = false;
    if (around != null) {
      // The answer to a jump that was followed by another, or given up.
      if (around !== this.#seeking) return;
      this.#seeking = 0;
    }
    this.timeline.page(page);
    this.#context.onEvents(events);
    // An empty page means that the node has nothing further; the next heartbeat will say if it has.
    if (after === this.timeline.cursor && events.length === 0) this.#top = this.timeline.cursor;
    this.#repair();
  }

  /** The node's top of this room; behind it, something was lost on the way. */
  heartbeat(top: number): void {
    this.#top = Math.max(this.#top, top);
    this.#repair();
  }

  /** Fetch what lies before what is shown. */
  pageBack(): void {
    const { earlier, first } = this.timeline.shown;
    if (earlier && !this.paging && this.#context.entered()) this.paging = this.#ask({ before: first });
  }

  /** Fetch what lies after what is shown. */
  pageOn(): void {
    const { part } = this.timeline;
    if (part !== null && !this.paging && this.#context.entered()) this.paging = this.#ask({ after: part.last });
  }

  /** Show a message, wherever in the history it is. */
  jump(seq: number): void {
    this.sought = { seq };
    this.#seeking = this.timeline.show(seq) ? 0 : seq;
    this.#seek();
  }

  /** Show the live end again. */
  toLive(): void {
    this.#seeking = 0;
    this.sought = null;
    this.timeline.toLive();
  }

  /** Forget what lies far above; the view says when nobody reads there. */
  trim(): void {
    this.timeline.trim();
  }

  /** Forget everything: the history is not the one that we knew. */
  forget(): void {
    this.timeline.begin();
    this.#top = 0;
  }

  /** What was asked is not answered any more. */
  disconnected(): void {
    this.paging = false;
    this.#repairing = false;
  }

  /** The node refused something in this room. */
  refused(): void {
    this.disconnected();
  }

  /** Fetch what is missing up to the top; where that is far away, go on near it instead. */
  #repair(): void {
    const { cursor } = this.timeline;
    if (this.#repairing || !this.#context.entered() || this.#top <= cursor) return;
    if (this.#top - cursor > FAR) this.#context.join();
    else this.#repairing = this.#ask({ after: cursor });
  }

  #seek(): void {
    if (this.#seeking > 0 && this.#context.entered()) this.#ask({ around: this.#seeking });
  }

  #ask(asked: { before: number } | { after: number } | { around: number }): boolean {
    return this.#context.send({ type: "history", room: this.#room, ...asked, limit: PAGE });
  }
}
