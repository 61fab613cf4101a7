import { Requests } from "../connection/requests";
import { LocalStore } from "../platform/storage";
import { Drafts } from "../room/drafts";
import { Rights } from "../door/rights";
import { Labels } from "../room/labels.svelte";
import { Outbox } from "../room/outbox";
import { Room } from "../room/room.svelte";
import type { Command, Reply, RoomInfo } from "../wire/protocol";
import { CommandLog } from "./commands";
import { ANA, info } from "./events";
import { FakeStorage } from "./storage";

/** The node at the other end of a connection, played by the test. */
export class FakeNode extends CommandLog {
  connected = true;
  readonly requests = new Requests((command) => this.send(command));

  readonly send = (command: Command): boolean => {
    if (this.connected) this.sent.push(command);
    return this.connected;
  };

  /** Answer the newest command of a type, or another one of it, counted from the oldest. */
  answer(to: Command["type"], reply: Reply, index = -1): boolean {
    return this.requests.receive({ ...reply, ref: this.refOf(to, index) } as Reply);
  }

  refuse(to: Command["type"], code: string, message: string, index = -1): boolean {
    return this.answer(to, { type: "error", code, message, retry: false }, index);
  }
}

/** A room at a node, and what it keeps. */
export class FakeRoom extends FakeNode {
  readonly store = new LocalStore(new FakeStorage());
  readonly drafts = new Drafts(this.store);
  readonly rights = new Rights(this.store);
  readonly outbox: Outbox = new Outbox(this.store, () => this.room.posts.refresh());
  readonly gone: string[] = [];
  readonly room: Room;

  constructor(more: Partial<RoomInfo> = {}) {
    super();
    this.room = new Room(info("r", more), {
      send: this.send,
      ask: this.requests.ask,
      outbox: this.outbox,
      drafts: this.drafts,
      rights: this.rights,
      labels: new Labels(() => ANA.id),
      me: () => ANA.id,
      onGone: ({ id }) => this.gone.push(id),
    });
  }
}
