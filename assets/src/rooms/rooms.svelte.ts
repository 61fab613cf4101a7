import { SvelteMap } from "svelte/reactivity";
import { Drafts } from "../room/drafts";
import type { LocalStore } from "../platform/storage";
import { Notifications, type Toast } from "./notifications.svelte";
import { Outbox } from "../room/outbox";
import { Room, type Send } from "../room/room.svelte";
import type { Error as WireError, Reply, Notification, Open, RoomInfo } from "../wire/protocol";

/** The rooms of the sidebar, by where they are. */
export interface Groups {
  readonly here: readonly RoomInfo[];
  readonly elsewhere: readonly RoomInfo[];
  readonly network: readonly RoomInfo[];
}

const LAST = "room";

/** All rooms that the node knows, the ones that this page is in, and the one in view. */
export class RoomRegistry {
  list = $state.raw<readonly RoomInfo[]>([]);
  current = $state.raw<Room | null>(null);
  /** The wish that the node has not answered yet. */
  opening = $state.raw<Open | null>(null);
  /** Why the last wish was refused; empty when it was not. */
  refusal = $state("");
  /** Whether the list of this connection came. */
  listed = $state(false);

  /** What reaches us in whatever room we are. */
  readonly notifications = new Notifications();

  readonly #joined = new SvelteMap<string, Room>();
  readonly #send: Send;
  readonly #store: LocalStore;
  readonly #outbox: Outbox;
  readonly #drafts: Drafts;
  readonly #declined = new Set<string>();
  #orphan: Room | null = null;
  /** The message to show once its room is open. */
  #sought: { readonly room: string; readonly seq: number } | null = null;
  #wanted: string;

  /** @param wanted name of the room that the page's address asks for; empty for none. */
  constructor(send: Send, store: LocalStore, wanted = "") {
    this.#send = send;
    this.#store = store;
    this.#wanted = wanted;
    this.#drafts = new Drafts(store);
    this.#outbox = new Outbox(store, () => this.#joined.forEach((room) => room.refreshUnsent()));
  }

  get groups(): Groups {
    const of = (kind: RoomInfo["kind"]): RoomInfo[] => this.list.filter((info) => info.kind === kind);
    return { here: of("home"), elsewhere: of("mirror"), network: of("found") };
  }

  /** Messages that came into rooms since they were last looked at. */
  get unread(): number {
    return [...this.#joined.values()].reduce((sum, room) => sum + room.unread, 0);
  }

  unreadOf(id: string): number {
    return this.#joined.get(id)?.unread ?? 0;
  }

  /** Open or make a room by its name. */
  open(name: string): void {
    this.refusal = "";
    const known = [...this.#joined.values()].find((room) => room.info.name === name);
    if (known !== undefined) this.#view(known);
    else if (name.trim() !== "") this.#ask({ type: "open", name: name.trim() });
  }

  /** Open a room of the list. */
  select(id: string): void {
    this.refusal = "";
    this.#show(id);
  }

  /** Go where a notification points: into the room, and to the message in it. */
  follow({ id, notification }: Toast): void {
    this.notifications.dismiss(id);
    if (notification.room == null) return;
    this.#sought = { room: notification.room.id, seq: notification.seq ?? 0 };
    this.select(notification.room.id);
  }

  /** The rooms that somebody who is in the one in view can be invited into. */
  get others(): readonly RoomInfo[] {
    return this.list.filter(({ id, kind }) => kind !== "found" && id !== this.current?.id);
  }

  /** Invite somebody who is in the room in view; false when the node cannot be told now. */
  invite(to: string, { id, name }: RoomInfo): boolean {
    const room = this.current;
    return room !== null && room.entered && this.#send({ type: "invite", room: room.id, to, into: { id, name } });
  }

  /** View the room `step` places further down the list. */
  walk(step: 1 | -1): void {
    const { here, elsewhere, network } = this.groups;
    const all = [...here, ...elsewhere, ...network];
    const index = all.findIndex((info) => info.id === this.current?.id);
    const next = all[(index + step + all.length) % all.length];
    if (next !== undefined) this.select(next.id);
  }

  /** The room in view is really looked at: the window is in front. */
  look(): void {
    if (this.current === null) return;
    this.current.unread = 0;
    this.notifications.seen(this.current.id);
  }

  /** The node welcomed us. */
  ready(): void {
    this.listed = false;
    this.#declined.clear();
    this.current?.join();
    for (const room of this.#joined.values()) if (room !== this.current) room.join();
    if (this.opening !== null) this.#send(this.opening);
  }

  /** The page may be about to go: keep what is written. */
  keep(): void {
    this.#drafts.flush();
  }

  lost(): void {
    this.#joined.forEach((room) => room.lost());
  }

  tick(now: number): void {
    this.#joined.forEach((room) => room.tick(now));
    this.notifications.tick(now);
  }

  /** Take what the node says about rooms; false when the reply was about something else. */
  receive(reply: Reply, now: number, mine: string, looking: boolean): boolean {
    switch (reply.type) {
      case "rooms":
        this.#listed(reply.rooms);
        return true;
      case "opened":
        this.#opened(reply.room);
        return true;
      case "heartbeat":
        Object.entries(reply.tops).forEach(([id, top]) => this.#joined.get(id)?.heartbeat(top));
        return true;
      case "error":
        return this.#refused(reply);
      case "event": {
        const room = this.#joined.get(reply.room);
        const unseen = room !== undefined && (room !== this.current || !looking);
        const said = reply.kind === "message" && reply.author.id !== mine;
        if (room?.apply(reply) && unseen && said) room.unread += 1;
        return true;
      }
      case "joined":
        this.#joined.get(reply.room)?.joined(reply);
        return true;
      case "page":
        this.#joined.get(reply.room)?.page(reply);
        return true;
      case "found":
        this.#joined.get(reply.room)?.search.receive(reply);
        return true;
      case "start_over":
        this.#joined.get(reply.room)?.startOver();
        return true;
      case "moved":
        this.#moved(reply.room, reply.to);
        return true;
      case "presence":
        this.#joined.get(reply.room)?.onPresence(reply, now);
        return true;
      case "receipts":
        this.#joined.get(reply.room)?.onReceipts(reply);
        return true;
      case "held":
        this.#outbox.hold(reply.room, reply.nonce);
        return true;
      case "notification":
        this.#notified(reply, now, looking);
        return true;
      case "typing":
        if (reply.author != null && reply.author.id !== mine) {
          this.#joined.get(reply.room)?.onTyping(reply.author, now);
        }
        return true;
      default:
        return false;
    }
  }

  /** What is said in the room that somebody looks at needs no second sign. */
  #notified(notification: Notification, now: number, looking: boolean): void {
    const inView = looking && notification.room != null && notification.room.id === this.current?.id;
    if (!inView) this.notifications.receive(notification, now);
  }

  #listed(rooms: readonly RoomInfo[]): void {
    this.list = rooms;
    this.listed = true;
    for (const info of rooms) this.#joined.get(info.id)?.update(info);
    this.#joinWaiting();
    if (this.current === null && this.opening === null) this.#begin();
  }

  /** Enter the rooms that unsent posts of an earlier visit wait for. */
  #joinWaiting(): void {
    for (const info of this.list) {
      if (info.kind !== "found" && !this.#joined.has(info.id) && this.#outbox.rooms.has(info.id)) {
        this.#room(info).join();
      }
    }
  }

  /** Show a first room: the one asked for, else the last one, else the first that there is. */
  #begin(): void {
    const name = this.#wanted;
    this.#wanted = "";
    if (name !== "") {
      this.open(name);
      return;
    }
    const last = this.#store.get<string>(LAST);
    const open = this.list.filter(({ id }) => !this.#declined.has(id));
    const info =
      open.find(({ id }) => id === last) ??
      open.find(({ kind }) => kind === "home") ??
      open.find(({ kind }) => kind === "mirror");
    if (info !== undefined) this.#show(info.id);
  }

  #show(id: string): void {
    const known = this.#joined.get(id);
    if (known !== undefined) this.#view(known);
    else this.#ask({ type: "open", room: id });
  }

  #ask(wish: Open): void {
    this.opening = wish;
    this.#send(wish);
  }

  #opened(info: RoomInfo): void {
    this.opening = null;
    this.refusal = "";
    const orphan = this.#orphan;
    this.#orphan = null;
    if (orphan !== null && orphan.info.name === info.name) {
      this.#moved(orphan.id, info);
      return;
    }
    // The node's next list has it as well; until then it must not be missing.
    if (!this.list.some(({ id }) => id === info.id)) this.list = [...this.list, info];
    const known = this.#joined.get(info.id);
    const room = known ?? this.#room(info);
    room.update(info);
    this.#view(room);
    if (!room.entered) room.join();
  }

  /** Another room took the place of one: go on there, with what was not sent yet. */
  #moved(from: string, to: RoomInfo): void {
    const old = this.#joined.get(from);
    if (old === undefined || from === to.id) return;
    this.#joined.delete(from);
    const room = this.#joined.get(to.id) ?? this.#room(to);
    this.#outbox.move(from, to.id);
    if (room.draft === "") room.draft = old.draft;
    old.draft = "";
    if (this.current === old) this.#view(room);
    room.join();
  }

  #room(info: RoomInfo): Room {
    const room = new Room(info, this.#send, this.#outbox, this.#drafts);
    this.#joined.set(info.id, room);
    return room;
  }

  #view(room: Room): void {
    // Whoever comes back begins at the live end.
    if (this.current !== room) this.current?.toLive();
    this.current?.trim();
    this.current = room;
    room.unread = 0;
    this.notifications.seen(room.id);
    this.#store.set(LAST, room.id);
    if (this.#sought?.room === room.id && this.#sought.seq > 0) room.jump(this.#sought.seq);
    this.#sought = null;
  }

  #refused(refused: WireError): boolean {
    const { nonce = "", room = "", message, retry } = refused;
    if (nonce !== "") {
      this.#outbox.refuse(room, nonce, message, retry);
      return true;
    }
    const wish = this.opening;
    if (wish !== null && refused.code !== "invalid_nick" && (room === "" || room === wish.room)) {
      this.opening = null;
      this.#orphan = null;
      this.refusal = message;
      if (wish.room !== undefined) this.#declined.add(wish.room);
      if (this.current === null) this.#begin();
      return true;
    }
    const known = this.#joined.get(room);
    if (known === undefined) return false;
    known.refused(refused);
    if (refused.code === "no_such_room" && known === this.current && known.timeline.cursor === 0) {
      // It gave way to another of its name while we were away.
      this.#orphan = known;
      this.#ask({ type: "open", name: known.info.name });
    }
    return true;
  }
}
