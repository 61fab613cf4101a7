import { SvelteMap } from "svelte/reactivity";
import type { LocalStore } from "../platform/storage";
import { Rights } from "../door/rights";
import { Drafts } from "../room/drafts";
import { Outbox } from "../room/outbox";
import { Room, type RoomContext } from "../room/room.svelte";
import type { Error as WireError, RoomInfo } from "../wire/protocol";

/** The rooms that this page is in, and what was written in them and not sent yet. */
export class JoinedRooms {
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  readonly rights: Rights;
  readonly #rooms = new SvelteMap<string, Room>();
  readonly #context: RoomContext;

  constructor(store: LocalStore, context: Omit<RoomContext, "outbox" | "drafts" | "rights">) {
    this.drafts = new Drafts(store);
    this.rights = new Rights(store);
    this.outbox = new Outbox(store, () => this.all.forEach((room) => room.posts.refresh()));
    this.#context = { ...context, outbox: this.outbox, drafts: this.drafts, rights: this.rights };
  }

  get all(): readonly Room[] {
    return [...this.#rooms.values()];
  }

  of(id: string): Room | undefined {
    return this.#rooms.get(id);
  }

  named(name: string): Room | undefined {
    return this.all.find((room) => room.info.name === name);
  }

  /** Return a room, a new one when we are not in it yet. */
  add(info: RoomInfo): Room {
    const known = this.of(info.id);
    if (known !== undefined) return known;
    const room = new Room(info, this.#context);
    this.#rooms.set(info.id, room);
    return room;
  }

  /** Be in a room no more: it is gone, with what was not sent and what was not finished. */
  drop(id: string): void {
    const room = this.of(id);
    if (room !== undefined) room.draft = "";
    this.#rooms.delete(id);
    this.outbox.giveUp(id);
  }

  /** Enter the rooms that unsent posts of an earlier visit wait for. */
  enterWaiting(infos: readonly RoomInfo[]): void {
    for (const info of infos) {
      if (this.of(info.id) === undefined && this.outbox.rooms.has(info.id)) this.add(info).join();
    }
  }

  /** Take the refusal of a post. */
  refusePost({ room = "", nonce = "", message, retry }: WireError): true {
    this.outbox.refuse(room, nonce, message, retry);
    return true;
  }

  /** Put another room in the place of one, with what was not sent and what was not finished; null when we were not in it. */
  move(from: string, to: RoomInfo): Room | null {
    const old = this.of(from);
    if (old === undefined || from === to.id) return null;
    this.#rooms.delete(from);
    const room = this.add(to);
    this.outbox.move(from, to.id);
    if (room.draft === "") room.draft = old.draft;
    old.draft = "";
    return room;
  }
}
