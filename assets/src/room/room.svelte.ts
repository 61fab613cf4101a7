import type { Admission } from "./cursor";
import type { Drafts } from "./drafts";
import type { Outbox, Content, Unsent } from "./outbox";
import { RoomPresence, Typists, type Member } from "./presence";
import { ReadMarker, ReadState } from "./receipts";
import { RoomSearch } from "./search.svelte";
import { Timeline } from "./timeline.svelte";
import type {
  Author,
  Command,
  Error as WireError,
  Event,
  Joined,
  Page,
  Presence as PresenceFrame,
  Receipts,
  RoomInfo,
} from "../wire/protocol";
import { FAR, PAGE } from "../wire/protocol";

/** Sends a command to the node; false while there is no connection. */
export type Send = (command: Command) => boolean;

/** Shortest time between two words that somebody is writing: milliseconds. */
const TYPING_PAUSE = 2_000;

/** One room as this page knows it: its history up to a cursor, its people, and what we said and do not see yet. */
export class Room {
  info = $state.raw() as RoomInfo;
  unsent = $state.raw<readonly Unsent[]>([]);
  members = $state.raw<readonly Member[]>([]);
  typists = $state.raw<readonly Author[]>([]);
  /** On how many computers messages are, and who has read them. */
  readState = $state.raw(new ReadState());
  unread = $state(0);
  /** Why the node does not let us in; empty when it does. */
  refusal = $state("");
  /** Whether the node's answer to our join came. */
  entered = $state(false);
  /** Whether a page of events before or after what is shown is on its way. */
  paging = $state(false);
  /** The message that somebody jumped to; another object for each jump. */
  sought = $state.raw<{ readonly seq: number } | null>(null);
  /** Seq of the message that is being edited; 0 for none. */
  editing = $state(0);
  /** Whether the history turned out to be another one than we knew, and nobody has taken note of it. */
  replaced = $state(false);
  #draft = $state("");

  readonly id: string;
  readonly timeline = new Timeline();
  readonly search: RoomSearch;
  readonly #send: Send;
  readonly #outbox: Outbox;
  readonly #drafts: Drafts;
  readonly #presence = new RoomPresence();
  readonly #typists = new Typists();
  readonly #marker: ReadMarker;
  #top = 0;
  #repairing = false;
  #seeking = 0;
  #typed = 0;

  constructor(info: RoomInfo, send: Send, outbox: Outbox, drafts: Drafts) {
    this.id = info.id;
    this.info = info;
    this.#send = send;
    this.#outbox = outbox;
    this.#drafts = drafts;
    this.#draft = drafts.of(info.id);
    this.unsent = outbox.of(info.id);
    this.#marker = new ReadMarker((seq) => this.entered && send({ type: "read", room: info.id, seq }));
    this.search = new RoomSearch((asked) => this.entered && send({ type: "search", room: info.id, ...asked }));
  }

  /** What is written and not said yet. */
  get draft(): string {
    return this.#draft;
  }

  set draft(text: string) {
    this.#draft = text;
    this.#drafts.write(this.id, text);
  }

  join(): void {
    this.lost();
    this.refusal = "";
    const { cursor, mark } = this.timeline;
    this.#send({ type: "join", room: this.id, since: cursor, ...(mark === undefined ? {} : { last: mark }) });
  }

  joined(joined: Joined): void {
    this.entered = true;
    this.#top = Math.max(this.#top, joined.top);
    this.timeline.joined(joined);
    this.#settle(joined.events);
    this.#resend();
    this.#repair();
    this.#seek();
    this.search.resume();
  }

  /** Take one event that happened just now: true when it is new here. */
  apply(event: Event): boolean {
    this.#top = Math.max(this.#top, event.seq);
    const taken = this.#take([event]) === "next";
    if (event.kind === "message" && this.#typists.spoke(event.author.id)) this.typists = this.#typists.authors;
    this.#repair();
    return taken;
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
    this.#settle(events);
    // An empty page means that the node has nothing further; the next heartbeat will say if it has.
    if (after === this.timeline.cursor && events.length === 0) this.#top = this.timeline.cursor;
    this.#repair();
  }

  /** The node's top of this room; behind it, something was lost on the way. */
  heartbeat(top: number): void {
    this.#top = Math.max(this.#top, top);
    this.#repair();
  }

  /** The history is not the one we knew: forget it and begin at 0. What we say about messages of it means nothing. */
  startOver(): void {
    this.timeline.begin();
    this.#outbox.giveUpChanges(this.id);
    this.#marker.forget();
    this.readState = new ReadState();
    this.#top = 0;
    this.editing = 0;
    this.replaced = true;
    this.join();
  }

  /** Fetch what lies before what is shown. */
  pageBack(): void {
    const { earlier, first } = this.timeline.shown;
    if (earlier && !this.paging && this.entered) this.paging = this.#history({ before: first });
  }

  /** Fetch what lies after what is shown. */
  pageOn(): void {
    const { part } = this.timeline;
    if (part !== null && !this.paging && this.entered) this.paging = this.#history({ after: part.last });
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

  post(text: string, now: number = Date.now()): void {
    const said = text.trim();
    if (said === "") return;
    this.#typed = 0;
    this.toLive();
    this.#put({ kind: "message", body: { text: said } }, now);
  }

  /** Put another text in the place of a message's. */
  edit(target: number, text: string, now: number = Date.now()): void {
    const said = text.trim();
    if (said !== "") this.#put({ kind: "edit", body: { target, text: said } }, now);
  }

  /** Delete a message. */
  erase(target: number, now: number = Date.now()): void {
    this.#put({ kind: "deletion", body: { target } }, now);
  }

  /** React to a message, or take that back. */
  react(target: number, emoji: string, off: boolean, now: number = Date.now()): void {
    const said = emoji.trim();
    if (said !== "") this.#put({ kind: "reaction", body: { target, emoji: said, ...(off ? { off } : {}) } }, now);
  }

  /** Send a refused post again. */
  retry(nonce: string): void {
    this.#outbox.revive(nonce);
    const post = this.#outbox.waiting(this.id).find((entry) => entry.nonce === nonce);
    if (post !== undefined && this.entered) this.#post(post);
  }

  discard(nonce: string): void {
    this.#outbox.dequeue(nonce);
  }

  /** The outbox changed. */
  refreshUnsent(): void {
    this.unsent = this.#outbox.of(this.id);
  }

  /** The node refused something in this room that was no post. */
  refused({ message }: WireError): void {
    if (this.search.refused(message)) return;
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

  onTyping(author: Author, now: number): void {
    this.#typists.receive(author, now);
    this.typists = this.#typists.authors;
  }

  onPresence(announced: PresenceFrame, now: number): void {
    this.#presence.receive(announced, now);
    this.members = this.#presence.members;
  }

  onReceipts(receipts: Receipts): void {
    this.readState = this.readState.with(receipts);
  }

  /** Somebody has this event at the live end before their eyes. What was jumped to says nothing about what is before it. */
  markRead(seq: number, now: number = Date.now()): void {
    if (this.timeline.part === null) this.#marker.advance(seq, now);
  }

  tick(now: number): void {
    this.#marker.tick(now);
    if (this.#presence.expire(now)) this.members = this.#presence.members;
    if (this.#typists.expire(now)) this.typists = this.#typists.authors;
  }

  /** The connection is gone; what was asked will not be answered. */
  lost(): void {
    this.entered = false;
    this.paging = false;
    this.#repairing = false;
    this.#marker.lost();
    this.search.lost();
  }

  /** News of the room: a home that came back may take what it could not take before. */
  update(info: RoomInfo): void {
    const back = info.online && !this.info.online;
    this.info = info;
    if (back && this.entered) this.#resend();
  }

  /** Forget what lies far above; the view says when nobody reads there. */
  trim(): void {
    this.timeline.trim();
  }

  #take(events: readonly Event[]): Admission {
    const admission = this.timeline.take(events);
    if (admission !== "hole") this.#settle(events);
    return admission;
  }

  #settle(events: readonly Event[]): void {
    events.forEach(({ nonce }) => this.#outbox.dequeue(nonce));
  }

  /** Fetch what is missing up to the top; where that is far away, go on near it instead. */
  #repair(): void {
    const { cursor } = this.timeline;
    if (this.#repairing || !this.entered || this.#top <= cursor) return;
    if (this.#top - cursor > FAR) this.join();
    else this.#repairing = this.#history({ after: cursor });
  }

  #seek(): void {
    if (this.#seeking > 0 && this.entered) this.#history({ around: this.#seeking });
  }

  #history(asked: { before: number } | { after: number } | { around: number }): boolean {
    return this.#send({ type: "history", room: this.id, ...asked, limit: PAGE });
  }

  #resend(): void {
    this.#outbox.reviveAll(this.id);
    this.#outbox.waiting(this.id).forEach((post) => this.#post(post));
  }

  #put(saying: Content, now: number): void {
    const post = this.#outbox.enqueue(this.id, saying, now);
    if (this.entered) this.#post(post);
  }

  #post({ nonce, kind, body }: Unsent): void {
    this.#send({ type: "post", room: this.id, nonce, ...(kind === "message" ? {} : { kind }), ...body });
  }
}
