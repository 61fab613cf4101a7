import type { Ask } from "../connection/requests";
import type { Event, History, Joined, Page } from "../wire/protocol";
import { FAR, PAGE } from "../wire/protocol";
import { Timeline } from "./timeline.svelte";

/** What a history needs of its room. */
export interface HistoryContext {
  readonly ask: Ask;
  /** Whether the node has let us in. */
  entered(): boolean;
  /** Go on near the top instead of where we were. */
  join(): void;
  /** These events were numbered. */
  onEvents(events: readonly Event[]): void;
}

/** Messages that are asked for around one that somebody jumps to: a screen. More comes when it is shown. */
const AROUND = 30;
/** Messages of a page that are shown at once; the others follow, each time after a picture of the screen. */
const PIECE = 25;
/** How long a picture takes: milliseconds. */
const PICTURE = 16;

/** A message that is to come into view: the one of a nonce, in the middle; or the first one from a seq on, at the top. */
export interface Sought {
  /** Empty for a seq. */
  readonly nonce: string;
  /** 0 for a nonce. */
  readonly seq: number;
}

/** The events of one room: those that are here, and those that are being fetched. */
export class RoomHistory {
  /** Whether a page of events before or after what is shown is on its way. */
  paging = $state(false);
  /** What somebody jumped to; another object for each jump. */
  sought = $state.raw<Sought | null>(null);
  /** Why the message that somebody jumped to cannot be shown; empty when it can. */
  refusal = $state("");
  readonly timeline = new Timeline();
  readonly #room: string;
  readonly #context: HistoryContext;
  #top = 0;
  #repairing = false;
  #seeking: Sought | null = null;
  /** Grows with each join: what was asked before it means nothing after it. */
  #visit = 0;

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

  /** The node's top of this room; behind it, something was lost on the way. */
  heartbeat(top: number): void {
    this.#top = Math.max(this.#top, top);
    this.#repair();
  }

  /** Fetch what lies before what is shown. */
  pageBack(): void {
    const { earlier, first } = this.timeline.shown;
    if (!earlier || this.paging) return;
    this.#turn({ before: first }, (page) => {
      const last = page.events.at(-1);
      this.timeline.pageBack(page, last === undefined ? first : last.seq + 1);
    });
  }

  /** Show what lies after what is shown, and fetch it where it is not here. */
  pageOn(): void {
    const { part } = this.timeline;
    if (part === null || this.paging || this.timeline.reach()) return;
    this.#turn({ after: part.last }, (page) => this.timeline.pageOn(page, (page.events[0]?.seq ?? 0) - 1));
  }

  /** Show a message, wherever in the history it is. */
  jump(nonce: string): void {
    this.#jump({ nonce, seq: 0 }, this.timeline.show((run) => run.find(nonce) !== undefined));
  }

  /** Show the history from a seq on, as to somebody who has read what is before it. */
  openAt(seq: number): void {
    this.#jump({ nonce: "", seq }, this.timeline.show((run) => run.has(seq)));
  }

  /** Show the first messages of the room that can be had. */
  toStart(): void {
    this.openAt(this.timeline.shown.oldest);
  }

  /** Show the live end again. */
  toLive(): void {
    this.#seeking = null;
    this.sought = null;
    this.refusal = "";
    this.timeline.toLive();
  }

  /** Forget everything: the history is not the one that we knew. */
  forget(): void {
    this.timeline.begin();
    this.#top = 0;
  }

  /** Wait for nothing any more: the connection is gone, or we join again. */
  reset(): void {
    this.#visit += 1;
    this.paging = false;
    this.#repairing = false;
  }

  /** Fetch what is missing up to the top; where that is far away, go on near it instead. */
  #repair(): void {
    const { cursor } = this.timeline;
    if (this.#repairing || !this.#context.entered() || this.#top <= cursor) return;
    if (this.#top - cursor > FAR) this.#context.join();
    else {
      this.#repairing = this.#ask(
        { after: cursor },
        (page) => this.#repaired(page),
        () => (this.#repairing = false),
      );
    }
  }

  #repaired(page: Page): void {
    this.#repairing = false;
    this.timeline.repair(page);
    // An empty page means that the node has nothing further; the next heartbeat will say if it has.
    if (page.events.length === 0) this.#top = this.timeline.cursor;
    this.#repair();
  }

  #jump(sought: Sought, isHere: boolean): void {
    this.sought = sought;
    this.refusal = "";
    this.#seeking = isHere ? null : sought;
    this.#seek();
  }

  #seek(): void {
    const sought = this.#seeking;
    if (sought === null) return;
    const { nonce, seq } = sought;
    this.#ask(
      // Some messages before it show where one is.
      nonce === "" ? { after: Math.max(0, seq - 1 - AROUND / 2), limit: AROUND } : { around: nonce, limit: AROUND },
      (page) => {
        // The answer to a jump that was followed by another, or given up.
        if (sought !== this.#seeking) return;
        this.#seeking = null;
        if (page.events.length > 0) this.timeline.jump(page);
        else this.toLive();
      },
      (message) => {
        if (sought !== this.#seeking) return;
        this.toLive();
        this.refusal = message;
      },
    );
  }

  /** Ask for a page beside what is shown, one at a time, and show it piece by piece. */
  #turn(asked: Asked, show: (piece: Page) => void): void {
    const visit = this.#visit;
    const over = (): void => {
      this.paging = false;
    };
    const next = ([piece, ...others]: readonly Page[]): void => {
      if (piece === undefined || visit !== this.#visit) return;
      if (others.length === 0) over();
      show(piece);
      if (others.length > 0) setTimeout(() => next(others), PICTURE);
    };
    this.paging = this.#ask(asked, (page) => next(pieces(page, asked.before !== undefined)), over);
  }

  #ask(asked: Asked, answered: (page: Page) => void, refused: (message: string) => void): boolean {
    const visit = this.#visit;
    return this.#context.ask(
      { type: "history", room: this.#room, limit: PAGE, ...asked },
      {
        answered: (page) => {
          if (visit !== this.#visit) return;
          answered(page);
          this.#context.onEvents(page.events);
        },
        refused: ({ message }) => {
          if (visit === this.#visit) refused(message);
        },
      },
    );
  }
}

type Asked = Pick<History, "before" | "after" | "around" | "limit">;

/** Cut a page, whose pieces come in the order in which they are shown. */
function pieces(page: Page, back: boolean): Page[] {
  const { events } = page;
  const cut = Array.from({ length: Math.max(1, Math.ceil(events.length / PIECE)) }, (_, index) => {
    const [from, to] = [index * PIECE, (index + 1) * PIECE];
    return back ? events.slice(Math.max(0, events.length - to), events.length - from) : events.slice(from, to);
  });
  return cut.map((piece) => ({ ...page, events: piece }));
}
