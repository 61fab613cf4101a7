import { handle, type Handlers } from "../connection/handlers";
import type { Ask, Send } from "../connection/requests";
import type { LocalStore } from "../platform/storage";
import type { Labels } from "../room/labels.svelte";
import type { Room } from "../room/room.svelte";
import type { Memberships, Open, Reply, RoomInfo } from "../wire/protocol";
import { JoinedRooms } from "./joined.svelte";
import { KnownRooms } from "./known.svelte";
import { MyRooms } from "./mine.svelte";
import { readTicket, type TicketLink } from "../door/ticket";
import { UnreadRooms } from "./unread.svelte";
import { Wish } from "./wish.svelte";

const LAST = "room";

/** What the rooms need of what is around them. */
export interface RegistryContext {
  readonly send: Send;
  readonly ask: Ask;
  /** How people are shown. */
  readonly labels: Labels;
  /** Our own id. */
  me(): string;
  /** Whether somebody can see the page. */
  visible(): boolean;
  /** A room is looked at. */
  onView(room: string): void;
  /** There is more to read in a room of which we want to be told everything. */
  onMore?(room: string): void;
  /** Name of the room that the page's address asks for; empty for none. */
  readonly wanted: string;
  /** The invitation that the page's address brings. */
  readonly ticket: TicketLink | null;
}

/** The rooms that the node knows, those that this page is in, and the one in view. */
export class RoomRegistry {
  current = $state.raw<Room | null>(null);
  readonly mine: MyRooms;
  readonly known: KnownRooms;
  readonly joined: JoinedRooms;
  readonly unread: UnreadRooms;
  readonly wish: Wish;
  readonly #context: RegistryContext;
  readonly #store: LocalStore;
  #wanted: string;
  #ticket: TicketLink | null;

  /** What names a room and is not here is that room's own. */
  readonly #handlers: Handlers = {
    rooms: ({ rooms, more }) => this.#onRooms(rooms, more),
    memberships: (frame) => this.#onMemberships(frame),
    heartbeat: ({ tops }) => Object.entries(tops).forEach(([id, top]) => this.joined.of(id)?.history.heartbeat(top)),
    held: ({ room, nonce }) => this.joined.outbox.hold(room, nonce),
    moved: ({ room, to }) => this.#move(room, to),
  };

  constructor(store: LocalStore, context: RegistryContext) {
    this.#store = store;
    this.#context = context;
    this.#wanted = context.wanted;
    this.#ticket = context.ticket;
    this.mine = new MyRooms(context.ask, (room) => context.onMore?.(room));
    this.known = new KnownRooms(this.mine);
    this.unread = new UnreadRooms(this.mine, this.known, () => (context.visible() ? this.current : null));
    this.wish = new Wish(context.ask, () => {
      if (this.current === null) this.#begin();
    });
    this.joined = new JoinedRooms(store, {
      send: context.send,
      ask: context.ask,
      labels: context.labels,
      me: () => context.me(),
      onGone: (room) => this.#onGone(room),
    });
  }

  /** Take what the node says about rooms; false when it is about something else. */
  receive(reply: Reply): boolean {
    // A refused post is known by its nonce, which outlives the connection that it was sent on.
    if (reply.type === "error" && reply.nonce) return this.joined.refusePost(reply);
    if (handle(this.#handlers, reply)) return true;
    const room = "room" in reply && typeof reply.room === "string" ? this.joined.of(reply.room) : undefined;
    return room !== undefined && room.receive(reply);
  }

  /** Open or make a room by its name. */
  open(name: string): void {
    this.wish.refusal = "";
    const ticket = readTicket(name);
    if (ticket !== null) {
      this.arrive(ticket);
      return;
    }
    const known = this.joined.named(name);
    if (known !== undefined) this.#view(known);
    else if (name.trim() !== "") this.#ask({ type: "open", name: name.trim() });
  }

  /** Open a room of the list, and show a message in it. */
  select(id: string, nonce = ""): void {
    this.wish.refusal = "";
    this.#show(id, nonce);
  }

  /** Go into a room, and begin to write to somebody there. */
  address(id: string, nick: string): void {
    this.select(id);
    const room = this.joined.of(id);
    if (room !== undefined && !room.draft.includes(`@${nick} `)) room.draft = `${room.draft}@${nick} `;
  }

  /** View the room `step` places further down the list. */
  walk(step: 1 | -1): void {
    const next = this.known.beside(this.current?.id, step);
    if (next !== undefined) this.select(next.id);
  }

  /** View the next room down or up the list in which something is unread; false when there is none. */
  nextUnread(step: 1 | -1): boolean {
    const next = this.unread.next(this.current?.id, step);
    if (next !== undefined) this.select(next.id);
    return next !== undefined;
  }

  /** Count everything in all rooms as read. */
  catchUp(): void {
    this.mine.readAll();
    this.joined.all.forEach((room) => room.catchUp());
  }

  /** Put a room one place further down or up in its group. */
  move(id: string, step: 1 | -1): void {
    const order = this.known.moved(id, step);
    if (order !== null) this.mine.arrange(order);
  }

  /** Be in a room no more, in whatever window. */
  leave(id: string): void {
    this.#context.ask({ type: "leave", room: id, for_good: true }, { answered: () => this.drop(id) });
  }

  /** Have the node forget a room, and go on in another one. */
  forget(id: string): void {
    const refused = (reason: string): void => {
      const room = this.joined.of(id);
      if (room !== undefined) room.refusal = reason;
    };
    this.#context.ask({ type: "forget", room: id }, { answered: () => this.drop(id), refused: ({ message }) => refused(message) });
  }

  /** The rooms that somebody who is in the one in view can be invited into. */
  get others(): readonly RoomInfo[] {
    return this.known.kept.filter(({ id }) => id !== this.current?.id);
  }

  /** Invite somebody who is in the room in view; false when the node cannot be told now. */
  invite(to: string, { id, name }: RoomInfo): boolean {
    const room = this.current;
    return room !== null && room.entered && this.#context.send({ type: "invite", room: room.id, to, into: { id, name } });
  }

  /** The room in view is before somebody's eyes. */
  markSeen(): void {
    if (this.current !== null) this.#context.onView(this.current.id);
  }

  /** The node welcomed us: enter everything again, the room in view first. */
  connected(): void {
    this.known.complete = false;
    const living = this.joined.all.filter(({ over }) => over === "" || over === "forgotten");
    for (const room of living) if (room === this.current) room.join();
    for (const room of living) if (room !== this.current) room.join();
    this.wish.renew();
  }

  disconnected(): void {
    this.joined.all.forEach((room) => room.disconnected());
  }

  /** Keep what is written. */
  save(): void {
    this.joined.drafts.flush();
    this.#saveView();
  }

  tick(now: number): void {
    this.joined.all.forEach((room) => room.tick(now));
  }

  /** Let the node remember where in the room in view somebody is. */
  #saveView(): void {
    const { current } = this;
    if (current?.entered !== true) return;
    current.leaveView();
    if (current.caughtUp) this.mine.caughtUp(current.id, current.seen);
    if (current.view !== (this.mine.of(current.id)?.view ?? 0)) this.mine.prefer(current.id, { view: current.view });
  }

  /** What we are in and have read, here and in other windows. */
  #onMemberships(frame: Memberships): void {
    for (const id of this.mine.take(frame)) {
      const room = this.joined.of(id);
      if (room === undefined || room.over !== "") continue;
      // It was left in another window: nothing more is to come here either.
      this.#context.send({ type: "leave", room: id });
      room.end("left");
    }
  }

  #onRooms(rooms: readonly RoomInfo[], more?: number): void {
    this.known.replace(rooms, more);
    for (const info of rooms) this.joined.of(info.id)?.update(info);
    this.joined.enterWaiting(this.known.kept);
    if (this.current === null && this.wish.open === null) this.#begin();
  }

  /** Show a first room: the one that the address asks for, else the one that the list begins with. */
  #begin(): void {
    const name = this.#wanted;
    const ticket = this.#ticket;
    this.#wanted = "";
    this.#ticket = null;
    if (ticket !== null) {
      this.arrive(ticket);
      return;
    }
    const info = name === "" ? this.known.first(this.#store.get<string>(LAST), this.wish.declined) : undefined;
    if (name !== "") this.open(name);
    else if (info !== undefined) this.#show(info.id);
  }

  /** Go into the room of a link, which lies at this node or at one of its addresses. */
  arrive({ address, room, code, further, others }: TicketLink): void {
    const here = address === "" || this.known.infos.some(({ id }) => id === room);
    const where = here ? {} : { address: [address, ...further, ...others].join() };
    this.#ask({ type: "open", room, ...where }, (info) => this.#enter(info, "", code));
  }

  #show(id: string, nonce = ""): void {
    const known = this.joined.of(id);
    if (known !== undefined) this.#view(known, nonce);
    else this.#ask({ type: "open", room: id }, (info) => this.#enter(info, nonce));
  }

  #ask(open: Open, then: (info: RoomInfo) => void = (info) => this.#enter(info)): void {
    this.wish.make(open, then);
  }

  /** A room is open at the node: go in. */
  #enter(info: RoomInfo, nonce = "", code = ""): void {
    this.known.add(info);
    const room = this.joined.add(info);
    room.update(info);
    this.#view(room, nonce);
    if (code !== "") room.door.enter({ invitation: code });
    if (!room.entered) room.join();
  }

  /** Another room took the place of one: go on there. */
  #move(from: string, to: RoomInfo): void {
    const viewed = this.current?.id === from;
    const room = this.joined.move(from, to);
    if (room === null) return;
    if (viewed) this.#view(room);
    room.join();
  }

  #view(room: Room, nonce = ""): void {
    if (this.current !== room) {
      this.#saveView();
      this.current?.history.toLive();
      room.begin(this.mine.of(room.id));
      if (nonce !== "") room.openAt = 0;
    }
    this.current = room;
    if (room.over === "left") room.join();
    this.#store.set(LAST, room.id);
    this.markSeen();
    if (nonce !== "") room.history.jump(nonce);
  }

  /** Be in a room no more, and go on in another one. */
  drop(id: string): void {
    this.known.remove(id);
    this.joined.drop(id);
    if (this.current?.id !== id) return;
    this.current = null;
    this.#begin();
  }

  /** A room in which nobody had spoken gave way to another of its name while we were away: go on there. */
  #onGone({ id, info, history }: Room): void {
    if (id !== this.current?.id || history.timeline.cursor > 0) return;
    this.#ask({ type: "open", name: info.name }, (found) => {
      if (found.name === info.name && found.id !== id) this.#move(id, found);
      else this.#enter(found);
    });
  }
}
