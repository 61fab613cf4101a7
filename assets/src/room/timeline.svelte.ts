import type { Event, Joined, Mark, Page } from "../wire/protocol";
import { PAGE } from "../wire/protocol";
import { Cursor, type Admission } from "./cursor";
import { Fold } from "./fold";
import { Run } from "./run";

/** Messages that are shown, at least: several screens of them. */
export const WINDOW = 150;

/**
 * What this page holds of a room's history: a window of it that is shown, and the newest end.
 *
 * As long as readers are at the end, the window is the live end: it moves on with it and lets go at its top. Whoever
 * pages back or reads further up while more comes gets a part, which lets go at the end that they turn away from. So
 * neither the page nor its memory grows with the room.
 */
export class Timeline {
  /** What ends at the cursor. */
  live = $state.raw(new Run());
  /** What is shown in place of the live end; null when that is shown. */
  part = $state.raw<Run | null>(null);
  /** Whether readers are at the end, or not here at all. */
  following = true;
  #window = WINDOW;
  #fold = new Fold();
  #folded = $state(0);
  #cursor = new Cursor();
  #last: Event | undefined;

  /** The last seq that was handled. */
  get cursor(): number {
    return this.#cursor.seq;
  }

  /** By what the event at the cursor is known again; undefined when it is not here. */
  get mark(): Mark | undefined {
    return this.#last?.seq === this.cursor ? { nonce: this.#last.nonce, at: this.#last.at } : undefined;
  }

  get shown(): Run {
    return this.part ?? this.live;
  }

  /** Whether as many messages are shown as there ever are. */
  get full(): boolean {
    return this.shown.messages.length >= this.#window;
  }

  /** Seq of the newest message that came. */
  get newest(): number {
    return this.live.messages.at(-1)?.seq ?? 0;
  }

  /** What was done to the messages; whoever reads it here follows its changes. */
  get fold(): Fold {
    void this.#folded;
    return this.#fold;
  }

  /** Show so many messages, when the screen takes more than usual. */
  widen(messages: number): void {
    this.#window = Math.max(WINDOW, messages);
  }

  /** Take the answer to a join. */
  joined({ events, later = [], oldest = 1 }: Joined): void {
    if ((events[0]?.seq ?? 0) > this.cursor + 1) this.begin(events[0]!.seq - 1);
    this.take(events);
    this.live = this.live.since(oldest);
    this.#take(later);
  }

  /** Take events that follow the live end. */
  take(events: readonly Event[]): Admission {
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined) return "seen";
    const before = this.cursor;
    const admission = this.#cursor.admit(first.seq, last.seq);
    if (admission === "next") {
      const fresh = events.filter(({ seq }) => seq > before);
      this.#last = last;
      this.#take(fresh);
      this.#goOn(this.live.after(fresh));
    }
    return admission;
  }

  /** Take the page after the cursor. */
  repair({ events, later = [], oldest = 1 }: Page): void {
    const first = events[0]?.seq ?? 0;
    // What lies between was removed: that is no hole.
    if (first === oldest && first > this.cursor + 1) this.begin(first - 1);
    this.take(events);
    this.live = this.live.since(oldest);
    this.#take(later);
  }

  /** Take the page before a seq; where what is shown does not begin there any more, it is passed over. */
  pageBack({ events, later = [], oldest = 1 }: Page, before: number): void {
    if (before !== this.shown.first) return;
    this.#takeWithin(events);
    this.#take(later);
    const grown = this.shown.before(events, oldest);
    if (this.part === null && grown.messages.length <= this.#window) this.live = grown;
    else this.#read(grown.eldest(this.#window));
  }

  /** Take the page after a seq; where the part does not end there any more, it is passed over. */
  pageOn({ events, later = [], oldest = 1 }: Page, after: number): void {
    if (after !== this.part?.last) return;
    this.#takeWithin(events);
    this.#take(later);
    this.#read(this.part.after(events, oldest).newest(this.#window));
  }

  /** Show more of the part from what is here of the live end, and that when it is reached; false when it is far. */
  reach(): boolean {
    const { part, live } = this;
    if (part === null || live.last === 0 || part.last < live.first - 1) return false;
    const whole = part.joined(live);
    const more = whole.eldest(part.messages.length + PAGE);
    if (more.last < whole.last) this.#read(more.newest(this.#window));
    else this.#turn(whole.newest(this.#window), null);
    return true;
  }

  /** Show the page that somebody jumped to. */
  jump({ events, later = [], oldest = 1 }: Page): void {
    this.#takeWithin(events);
    this.#take(later);
    this.following = false;
    this.#read(Run.of(events, oldest));
  }

  /** Show the run in which something is; false when it is not here. */
  show(isIn: (run: Run) => boolean): boolean {
    if (!isIn(this.shown)) {
      if (this.part === null || !isIn(this.live)) return false;
      this.part = null;
    }
    this.following = false;
    return true;
  }

  /** Show the live end, and nothing that lies far above it. */
  toLive(): void {
    this.following = true;
    this.#turn(this.live.newest(this.#window), null);
  }

  /** Forget everything and begin after a seq. */
  begin(seq = 0): void {
    this.live = new Run();
    this.part = null;
    this.#last = undefined;
    this.#fold = new Fold();
    this.#folded += 1;
    this.#cursor = new Cursor(seq);
  }

  /** The live end has grown. Under the eyes of whoever reads further up, nothing comes and nothing goes. */
  #goOn(grown: Run): void {
    const { part, following, live } = this;
    // Letting go costs as much for one message as for some.
    if (part === null && grown.messages.length <= this.#window + PAGE) this.live = grown;
    else this.#turn(grown.newest(this.#window), part === null && !following ? live : part);
  }

  #read(part: Run): void {
    this.#turn(this.live.newest(this.#window), part);
  }

  /** Hold this and nothing else; what was done to other messages comes again with them. */
  #turn(live: Run, part: Run | null): void {
    this.live = live;
    this.part = part;
    this.#fold.retain(new Set([...live.messages, ...(part?.messages ?? [])].map(({ nonce }) => nonce)));
  }

  /**
   * Take changes of messages in a page of the past. Changes of older messages are passed over: those came with their
   * own page, which knows what they came to in the end.
   */
  #takeWithin(events: readonly Event[]): void {
    const here = new Set(events.map(({ nonce }) => nonce));
    this.#take(events.filter(({ body }) => here.has(body.target ?? "")));
  }

  #take(events: readonly Event[]): void {
    this.#fold.take(events);
    this.#folded += 1;
  }
}
