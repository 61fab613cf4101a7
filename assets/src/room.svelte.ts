import { Cursor } from "./cursor";
import type { Outbox, Unsent } from "./outbox";
import { Presence, Typists, type Member } from "./presence";
import type { Author, Command, Error as Refused, Event, Joined, Page, Presence as Announced, RoomInfo } from "./wire";
import { PAGE } from "./wire";

/** Sends a command to the node; false while there is no connection. */
export type Send = (command: Command) => boolean;

/** Events that stay in memory while nobody reads further up. */
const KEPT = 200;
/** Shortest time between two words that somebody is writing: milliseconds. */
const TYPING_PAUSE = 2_000;

/** One room as this page knows it: its events up to a cursor, its people, and what we said and do not see yet. */
export class Room {
  info = $state.raw() as RoomInfo;
  /** A dense run of events, oldest first. */
  events = $state.raw<readonly Event[]>([]);
  unsent = $state.raw<readonly Unsent[]>([]);
  members = $state.raw<readonly Member[]>([]);
  typists = $state.raw<readonly Author[]>([]);
  unread = $state(0);
  draft = $state("");
  /** Why the node does not let us in; empty when it does. */
  refusal = $state("");
  /** Whether the node's answer to our join came. */
  entered = $state(false);
  /** Whether a page of earlier events is on its way. */
  paging = $state(false);

  readonly id: string;
  readonly #send: Send;
  readonly #outbox: Outbox;
  readonly #presence = new Presence();
  readonly #typists = new Typists();
  #cursor = new Cursor();
  #top = 0;
  #repairing = false;
  #beginning = false;
  #typed = 0;

  constructor(info: RoomInfo, send: Send, outbox: Outbox) {
    this.id = info.id;
    this.info = info;
    this.#send = send;
    this.#outbox = outbox;
    this.unsent = outbox.of(info.id);
  }

  /** Whether events exist before the first that is shown. */
  get earlier(): boolean {
    return !this.#beginning && (this.events[0]?.seq ?? 1) > 1;
  }

  join(): void {
    this.entered = false;
    this.paging = false;
    this.refusal = "";
    this.#repairing = false;
    this.#send({ type: "join", room: this.id, since: this.#cursor.seq });
  }

  joined({ top, events }: Joined): void {
    this.entered = true;
    this.#top = Math.max(this.#top, top);
    const first = events[0];
    if (first !== undefined && first.seq > this.#cursor.seq + 1) {
      this.events = [];
      this.#beginning = false;
      this.#cursor = new Cursor(first.seq - 1);
    }
    this.#take(events);
    this.#resend();
    this.#repair();
  }

  /** Take one event that happened just now: true when it is new here. */
  apply(event: Event): boolean {
    this.#top = Math.max(this.#top, event.seq);
    const taken = this.#take([event]);
    if (this.#typists.spoke(event.author.id)) this.typists = this.#typists.authors;
    this.#repair();
    return taken;
  }

  page({ events, before }: Page): void {
    if (before != null) {
      this.paging = false;
      this.#takeEarlier(events);
      return;
    }
    this.#repairing = false;
    this.#take(events);
    // An empty page means that the node has nothing further; the next heartbeat will say if it has.
    if (events.length === 0) this.#top = this.#cursor.seq;
    this.#repair();
  }

  /** The node's top of this room; behind it, something was lost on the way. */
  heartbeat(top: number): void {
    this.#top = Math.max(this.#top, top);
    this.#repair();
  }

  /** The room is not the one we knew: forget it and begin at 0. */
  startOver(): void {
    this.events = [];
    this.#cursor = new Cursor();
    this.#top = 0;
    this.#beginning = false;
    this.join();
  }

  pageBack(): void {
    const first = this.events[0];
    if (first === undefined || !this.earlier || this.paging || !this.entered) return;
    this.paging = this.#send({ type: "history", room: this.id, before: first.seq, limit: PAGE });
  }

  say(text: string, now: number = Date.now()): void {
    const said = text.trim();
    if (said === "") return;
    const post = this.#outbox.add(this.id, said, now);
    this.#typed = 0;
    if (this.entered) this.#post(post);
  }

  /** Send a refused post again. */
  retry(nonce: string): void {
    this.#outbox.revive(nonce);
    const post = this.#outbox.waiting(this.id).find((entry) => entry.nonce === nonce);
    if (post !== undefined && this.entered) this.#post(post);
  }

  discard(nonce: string): void {
    this.#outbox.settle(nonce);
  }

  /** The outbox changed. */
  refreshUnsent(): void {
    this.unsent = this.#outbox.of(this.id);
  }

  /** The node refused something in this room that was no post. */
  refused({ message }: Refused): void {
    this.paging = false;
    this.#repairing = false;
    if (!this.entered) this.refusal = message;
  }

  /** We write just now. */
  typing(now: number = Date.now()): void {
    if (now - this.#typed < TYPING_PAUSE || !this.entered || this.draft.trim() === "") return;
    this.#typed = now;
    this.#send({ type: "typing", room: this.id });
  }

  hearTyping(author: Author, now: number): void {
    this.#typists.hear(author, now);
    this.typists = this.#typists.authors;
  }

  hearPresence(announced: Announced, now: number): void {
    this.#presence.hear(announced, now);
    this.members = this.#presence.members;
  }

  tick(now: number): void {
    if (this.#presence.expire(now)) this.members = this.#presence.members;
    if (this.#typists.expire(now)) this.typists = this.#typists.authors;
  }

  /** The connection is gone; what was asked will not be answered. */
  lost(): void {
    this.entered = false;
    this.paging = false;
    this.#repairing = false;
  }

  /** News of the room: a home that came back may take what it could not take before. */
  inform(info: RoomInfo): void {
    const back = info.online && !this.info.online;
    this.info = info;
    if (back && this.entered) this.#resend();
  }

  /** Forget what lies far above; the view says when nobody reads there. */
  trim(): void {
    if (this.events.length > 2 * KEPT) {
      this.events = this.events.slice(-KEPT);
      this.#beginning = false;
    }
  }

  #take(events: readonly Event[]): boolean {
    const first = events[0];
    const last = events.at(-1);
    if (first === undefined || last === undefined) return false;
    const before = this.#cursor.seq;
    const admission = this.#cursor.admit(first.seq, last.seq);
    if (admission === "hole") return false;
    if (admission === "next") this.events = [...this.events, ...events.filter((event) => event.seq > before)];
    this.#settle(events);
    return admission === "next";
  }

  #takeEarlier(events: readonly Event[]): void {
    const first = this.events[0]?.seq ?? 1;
    const earlier = events.filter((event) => event.seq < first);
    if (earlier.length === 0) this.#beginning = true;
    else if (earlier.at(-1)?.seq === first - 1) this.events = [...earlier, ...this.events];
    this.#settle(earlier);
  }

  #settle(events: readonly Event[]): void {
    events.forEach(({ nonce }) => this.#outbox.settle(nonce));
  }

  #repair(): void {
    if (this.#repairing || !this.entered || this.#top <= this.#cursor.seq) return;
    this.#repairing = this.#send({ type: "history", room: this.id, after: this.#cursor.seq, limit: PAGE });
  }

  #resend(): void {
    this.#outbox.reviveAll(this.id);
    this.#outbox.waiting(this.id).forEach((post) => this.#post(post));
  }

  #post({ nonce, text }: Unsent): void {
    this.#send({ type: "post", room: this.id, nonce, text });
  }
}
