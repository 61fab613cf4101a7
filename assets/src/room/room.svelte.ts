import { handle, type Handlers } from "../connection/handlers";
import type { Ask, Send } from "../connection/requests";
import type { Continue, Error as WireError, Event, Joined, Membership, Reply, RoomInfo, Unite } from "../wire/protocol";
import type { Drafts } from "./drafts";
import { Entrance } from "../door/entrance.svelte";
import type { Rights } from "../door/rights";
import { hides } from "../door/rule";
import { RoomHistory } from "./history.svelte";
import type { Labels } from "./labels.svelte";
import type { Outbox } from "./outbox";
import { People } from "./people.svelte";
import { Posts } from "./posts.svelte";
import { ReadMarker, RoomReceipts } from "./receipts";
import { RoomSearch } from "./search.svelte";

/** Why a room is over for us: its owner deleted it, its node forgot it, or we left it in another window. */
export type Over = "" | "deleted" | "forgotten" | "left";
const OVER: Readonly<Record<string, Over>> = { room_deleted: "deleted", no_such_room: "forgotten" };

/** What a room needs of what is around it. */
export interface RoomContext {
  readonly send: Send;
  readonly ask: Ask;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  readonly rights: Rights;
  readonly labels: Labels;
  /** Our own id. */
  me(): string;
  /** The node does not know this room any more. */
  onGone(room: Room): void;
}

/** One room as this page knows it: its history up to a cursor, its people, and what we said and do not see yet. */
export class Room {
  info = $state.raw() as RoomInfo;
  /** On how many computers messages are, and who has read them. */
  receipts = $state.raw(new RoomReceipts());
  /** Seq of the first message that was unread when the room was opened; 0 for none. */
  firstUnread = $state(0);
  /** Seq of the message at which the room opens; 0 for its end. */
  openAt = $state(0);
  /** Seq of the first message in view; 0 at the end. */
  view = 0;
  /** Up to which seq somebody has read here. */
  seen = $state(0);
  /** Why nothing comes of this room any more; empty as long as something does. */
  over = $state<Over>("");
  /** Why the node does not let us in; empty when it does. */
  refusal = $state("");
  /** Whether the node's answer to our join came. */
  entered = $state(false);
  /** Nonce of the message that is being edited; empty for none. */
  editing = $state("");
  /** Whether the history turned out to be another one than we knew, and nobody has taken note of it. */
  replaced = $state(false);
  /** Whether that was because two parts of the room have met, so that nothing is gone. */
  joined = $state(false);
  /** Whether it just went on at our node without the others, and nobody has taken note of it. */
  wentOn = $state(false);
  #draft = $state("");
  /** Somebody wants it to stay unread, until they come back. */
  #held = $state(false);

  readonly id: string;
  readonly history: RoomHistory;
  readonly posts: Posts;
  readonly people: People;
  readonly search: RoomSearch;
  readonly door: Entrance;
  readonly #context: RoomContext;
  readonly #marker: ReadMarker;

  readonly #handlers: Handlers = {
    event: (event) => this.#onEvent(event),
    joined: (joined) => this.#onJoined(joined),
    start_over: ({ joined }) => this.#startOver(joined === true),
    presence: (frame) => this.people.onPresence(frame),
    receipts: (receipts) => {
      this.receipts = this.receipts.with(receipts);
    },
    typing: ({ author }) => {
      if (author != null && author.id !== this.#context.me()) this.people.onTyping(author);
    },
    policy: (policy) => {
      this.door.policy = policy;
    },
    error: (error) => this.#onError(error),
  };

  constructor(info: RoomInfo, context: RoomContext) {
    const { id } = info;
    const { outbox, drafts, rights } = context;
    const entered = (): boolean => this.entered;
    const send: Send = (command) => this.entered && context.send(command);
    const ask: Ask = (command, outcome) => this.entered && context.ask(command, outcome);
    this.id = id;
    this.info = info;
    this.#context = context;
    this.#draft = drafts.of(id);
    this.posts = new Posts(id, { send, outbox, entered });
    this.history = new RoomHistory(id, {
      ask,
      entered,
      join: () => this.join(),
      onEvents: (events) => {
        this.people.spoken(events);
        this.posts.settle(events);
      },
    });
    this.people = new People(id, send, context.labels, context.me);
    this.search = new RoomSearch((query, outcome) => ask({ type: "search", room: id, ...query }, outcome));
    this.door = new Entrance(id, { ask: context.ask, me: () => context.me(), join: () => this.join(), rights });
    this.#marker = new ReadMarker((seq) => send({ type: "read", room: id, seq }));
  }

  /** What is written and not said yet. */
  get draft(): string {
    return this.#draft;
  }

  set draft(text: string) {
    this.#draft = text;
    this.#context.drafts.write(this.id, text);
  }

  /** Take a reply that names this room; false when it means nothing here. */
  receive(reply: Reply): boolean {
    return handle(this.#handlers, reply);
  }

  /** Enter, and get what happened since we were here. */
  join(): void {
    this.disconnected();
    this.refusal = "";
    this.over = "";
    const { cursor, mark } = this.history.timeline;
    const last = mark === undefined ? {} : { last: mark };
    this.#context.ask(
      { type: "join", room: this.id, since: cursor, ...last },
      { answered: (answer) => this.receive(answer), refused: (refusal) => this.#onRefusedJoin(refusal) },
    );
  }

  /** Post a message. Whoever says something wants to see it. */
  post(text: string): void {
    if (!this.posts.post(text)) return;
    this.people.posted();
    this.history.toLive();
  }

  /** Tell others that we write just now. */
  typing(now: number = Date.now()): void {
    if (this.draft.trim() !== "") this.people.typing(now);
  }

  /** Go on with this room at our node, though those who decide cannot be reached. */
  continueHere(): void {
    this.#order({ type: "continue", room: this.id });
  }

  /** Join this room, whose home is our node, with another one of its name. */
  unite(into: string): void {
    this.#order({ type: "unite", room: this.id, into });
  }

  #order(command: Continue | Unite): void {
    this.#context.ask(command, { answered: () => {}, refused: ({ message }) => (this.refusal = message) });
  }

  /** Somebody has read up to an event. What was jumped to says nothing about what is before it, if that is unread. */
  markRead(seq: number, now: number = Date.now()): void {
    const { part } = this.history.timeline;
    if (this.#held || (part !== null && part.first > this.seen + 1)) return;
    this.seen = Math.max(this.seen, seq);
    this.#marker.advance(seq, now);
  }

  /** Somebody begins to look at the room: at what is new to them, else where they were. */
  begin({ read = 0, unread = 0, view = 0 }: Partial<Membership> = {}): void {
    this.#goBack(read);
    this.#held = false;
    this.firstUnread = unread > 0 ? read + 1 : 0;
    this.openAt = this.firstUnread || view;
  }

  /** Let everything from a message on be unread, until somebody comes back. */
  markUnread(seq: number): void {
    this.#goBack(seq - 1);
    this.#held = true;
    this.firstUnread = seq;
    this.#context.send({ type: "read", room: this.id, seq: seq - 1, back: true });
  }

  /** Everything counts as read. */
  catchUp(): void {
    this.#held = false;
    this.firstUnread = 0;
    this.seen = Math.max(this.seen, this.history.timeline.newest);
  }

  /** Nobody looks any more: let the node know how far they have read. */
  leaveView(): void {
    this.#marker.flush();
  }

  /** Whether everything that came was read here. */
  get caughtUp(): boolean {
    const { newest } = this.history.timeline;
    return !this.#held && newest > 0 && this.seen >= newest;
  }

  /** The node's list says something new: a home that came back may take what it could not take before. */
  update(info: RoomInfo): void {
    const back = info.online && !this.info.online;
    this.wentOn = info.alone === true && (this.wentOn || this.info.alone !== true);
    this.info = info;
    if (back && this.entered) this.posts.resend();
  }

  tick(now: number): void {
    this.#marker.tick(now);
    this.people.tick(now);
  }

  /** The connection is gone; what was asked will not be answered. */
  disconnected(): void {
    this.entered = false;
    this.history.reset();
    this.#marker.reset();
  }

  /** Nothing comes of the room any more. */
  end(over: Over): void {
    this.disconnected();
    this.over = over;
  }

  #onEvent(event: Event): void {
    const taken = this.history.apply(event);
    if (taken && hides(event)) this.#reload();
    if (event.kind === "message") this.people.spoke(event.author.id);
  }

  #onJoined(joined: Joined): void {
    this.entered = true;
    this.door.entered();
    this.history.joined(joined);
    this.posts.resend();
    this.history.resume();
    this.search.resume();
  }

  #onRefusedJoin(refusal: WireError): void {
    if (this.door.refused(refusal)) return;
    this.refusal = refusal.message;
    if (refusal.code === "room_deleted") this.end("deleted");
    if (refusal.code === "no_such_room") this.#context.onGone(this);
  }

  /** Something about this room that no command of ours is answered by: we may have been sent out. */
  #onError(error: WireError): void {
    const over = OVER[error.code];
    if (this.door.refused(error)) this.disconnected();
    else if (over !== undefined) this.end(over);
    else if (!this.entered) this.refusal = error.message;
  }

  #goBack(read: number): void {
    this.seen = read;
    this.#marker.begin(read);
  }

  /** Words of the history were hidden: read it anew. */
  #reload(): void {
    this.history.forget();
    this.join();
  }

  /** The history is not the one we knew: forget it and begin at 0. What we say about messages of it means nothing. */
  #startOver(joined: boolean): void {
    this.history.forget();
    this.posts.giveUpChanges();
    this.#marker.forget();
    this.seen = 0;
    this.firstUnread = 0;
    this.receipts = new RoomReceipts();
    this.editing = "";
    this.joined = joined || (this.replaced && this.joined);
    this.replaced = true;
    this.join();
  }
}
