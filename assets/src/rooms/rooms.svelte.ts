import { handle, type Handlers } from "../connection/handlers";
import type { Send } from "../connection/socket";
import type { LocalStore } from "../platform/storage";
import type { Room } from "../room/room.svelte";
import type { Error as WireError, Open, Reply, RoomInfo } from "../wire/protocol";
import { JoinedRooms } from "./joined.svelte";
import { RoomList } from "./list.svelte";
import { Wish } from "./wish.svelte";

const LAST = "room";

/** What the rooms need of what is around them. */
export interface RegistryContext {
  readonly send: Send;
  /** Our own id. */
  me(): string;
  /** Whether somebody can see the page. */
  visible(): boolean;
  /** A room is looked at. */
  onView(room: string): void;
  /** Name of the room that the page's address asks for; empty for none. */
  readonly wanted: string;
}

/** The rooms that the node knows, those that this page is in, and the one in view. */
export class RoomRegistry {
  current = $state.raw<Room | null>(null);
  readonly list = new RoomList();
  readonly joined: JoinedRooms;
  readonly wish: Wish;
  readonly #context: RegistryContext;
  readonly #store: LocalStore;
  #wanted: string;

  /** What names a room and is not here is that room's own. */
  readonly #handlers: Handlers = {
    rooms: ({ rooms }) => this.#onRooms(rooms),
    opened: ({ room }) => this.wish.opened(room),
    heartbeat: ({ tops }) => Object.entries(tops).forEach(([id, top]) => this.joined.of(id)?.history.heartbeat(top)),
    held: ({ room, nonce }) => this.joined.outbox.hold(room, nonce),
    moved: ({ room, to }) => this.#move(room, to),
    error: (error) => this.#onError(error),
  };

  constructor(store: LocalStore, context: RegistryContext) {
    this.#store = store;
    this.#context = context;
    this.#wanted = context.wanted;
    this.wish = new Wish(context.send);
    this.joined = new JoinedRooms(store, {
      send: context.send,
      me: () => context.me(),
      watching: (room) => room === this.current?.id && context.visible(),
    });
  }

  /** Take what the node says about rooms; false when it is about something else. */
  receive(reply: Reply): boolean {
    if (handle(this.#handlers, reply)) return true;
    if (!("room" in reply) || typeof reply.room !== "string" || reply.type === "error") return false;
    this.joined.of(reply.room)?.receive(reply);
    return true;
  }

  /** Open or make a room by its name. */
  open(name: string): void {
    this.wish.refusal = "";
    const known = this.joined.named(name);
    if (known !== undefined) this.#view(known);
    else if (name.trim() !== "") this.#ask({ type: "open", name: name.trim() });
  }

  /** Open a room of the list, and show a message in it. */
  select(id: string, seq = 0): void {
    this.wish.refusal = "";
    this.#show(id, seq);
  }

  /** View the room `step` places further down the list. */
  walk(step: 1 | -1): void {
    const next = this.list.beside(this.current?.id, step);
    if (next !== undefined) this.select(next.id);
  }

  /** The rooms that somebody who is in the one in view can be invited into. */
  get others(): readonly RoomInfo[] {
    return this.list.kept.filter(({ id }) => id !== this.current?.id);
  }

  /** Invite somebody who is in the room in view; false when the node cannot be told now. */
  invite(to: string, { id, name }: RoomInfo): boolean {
    const room = this.current;
    return room !== null && room.entered && this.#context.send({ type: "invite", room: room.id, to, into: { id, name } });
  }

  /** The room in view is before somebody's eyes. */
  markSeen(): void {
    if (this.current === null) return;
    this.current.unread = 0;
    this.#context.onView(this.current.id);
  }

  /** The node welcomed us: enter everything again, the room in view first. */
  connected(): void {
    this.list.complete = false;
    this.current?.join();
    for (const room of this.joined.all) if (room !== this.current) room.join();
    this.wish.renew();
  }

  disconnected(): void {
    this.joined.all.forEach((room) => room.disconnected());
  }

  /** Keep what is written. */
  save(): void {
    this.joined.drafts.flush();
  }

  tick(now: number): void {
    this.joined.all.forEach((room) => room.tick(now));
  }

  #onRooms(rooms: readonly RoomInfo[]): void {
    this.list.replace(rooms);
    for (const info of rooms) this.joined.of(info.id)?.update(info);
    this.joined.enterWaiting(this.list.kept);
    if (this.current === null && this.wish.open === null) this.#begin();
  }

  /** Show a first room: the one that the address asks for, else the one that the list begins with. */
  #begin(): void {
    const name = this.#wanted;
    this.#wanted = "";
    const info = name === "" ? this.list.first(this.#store.get<string>(LAST), this.wish.declined) : undefined;
    if (name !== "") this.open(name);
    else if (info !== undefined) this.#show(info.id);
  }

  #show(id: string, seq = 0): void {
    const known = this.joined.of(id);
    if (known !== undefined) this.#view(known, seq);
    else this.#ask({ type: "open", room: id }, (info) => this.#enter(info, seq));
  }

  #ask(open: Open, then: (info: RoomInfo) => void = (info) => this.#enter(info)): void {
    this.wish.make(open, then);
  }

  /** A room is open at the node: go in. */
  #enter(info: RoomInfo, seq = 0): void {
    this.list.add(info);
    const room = this.joined.add(info);
    room.update(info);
    this.#view(room, seq);
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

  #view(room: Room, seq = 0): void {
    // Whoever comes back begins at the live end.
    if (this.current !== room) this.current?.history.toLive();
    this.current?.history.trim();
    this.current = room;
    this.#store.set(LAST, room.id);
    this.markSeen();
    if (seq > 0) room.history.jump(seq);
  }

  #onError(error: WireError): boolean {
    const { nonce = "", room = "", message, retry, code } = error;
    const wish = this.wish.open;
    const known = this.joined.of(room);
    if (nonce !== "") this.joined.outbox.refuse(room, nonce, message, retry);
    else if (wish !== null && (room === "" || room === wish.room)) {
      this.wish.refused(message);
      if (this.current === null) this.#begin();
    } else if (known === undefined) return false;
    else {
      known.refused(error);
      if (code === "no_such_room" && known === this.current && known.history.timeline.cursor === 0) this.#follow(known);
    }
    return true;
  }

  /** A room in which nobody had spoken gave way to another of its name while we were away. */
  #follow({ id, info }: Room): void {
    this.#ask({ type: "open", name: info.name }, (found) => {
      if (found.name === info.name && found.id !== id) this.#move(id, found);
      else this.#enter(found);
    });
  }
}
