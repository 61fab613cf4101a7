import { vi } from "vitest";
import { Client } from "../client.svelte";
import { takePassage, type Passage } from "../connection/passage";
import { PICTURE } from "../connection/socket";
import { SILENT } from "../connection/vigil";
import { LocalStore } from "../platform/storage";
import type { Reply } from "../wire/protocol";
import { WELCOME, event, info } from "./events";
import { passage } from "./passage";
import { FakeSocketBrowser } from "./socket";
import { FakeStorage } from "./storage";

/** Who the guest of the tests is. */
export const ME = { id: passage().guest.id, nick: "Ana" };

/** A tab of a guest, with a node that the test plays. */
export class Tab extends FakeSocketBrowser {
  override readonly location: URL;
  readonly store: LocalStore;
  readonly tab = new LocalStore(new FakeStorage());
  client: Client;
  network = true;
  answers = false;

  constructor(hash = "", store = new LocalStore(new FakeStorage())) {
    super();
    this.location = new URL(`http://192.0.2.5:28280/${hash}`);
    this.store = store;
    this.client = new Client(this);
    this.client.start();
  }

  override online(): boolean {
    return this.network;
  }

  override fetch(): Promise<never> {
    return this.answers ? (Promise.resolve({}) as Promise<never>) : super.fetch();
  }

  deliver(...replies: Reply[]): void {
    replies.forEach((reply) => this.socket.deliver(reply));
    vi.advanceTimersByTime(PICTURE);
  }

  async welcome(you = ME, secret = passage().guest.secret): Promise<this> {
    await vi.advanceTimersByTimeAsync(0);
    this.socket.onopen?.();
    this.deliver({ ...(WELCOME as Extract<Reply, { type: "welcome" }>), you, secret });
    return this;
  }

  /** Into the room, with what was said there. */
  async enter(top = 2, secret = passage().guest.secret): Promise<this> {
    await this.welcome(ME, secret);
    this.deliver({ type: "rooms", rooms: [info("r", { name: "Kitchen", top })] });
    this.deliver({ type: "opened", room: info("r", { name: "Kitchen", top }), ref: this.socket.refOf("open") });
    const events = Array.from({ length: top }, (_, index) => event(index + 1));
    this.deliver({ type: "joined", room: "r", term: 1, top, events, ref: this.socket.refOf("join") });
    return this;
  }

  async lose(): Promise<void> {
    this.socket.onclose?.();
    await vi.advanceTimersByTimeAsync(SILENT + 1_000);
  }

  get taken(): Passage | null {
    const { hash, pathname, search } = new URL(this.gone.at(-1)!);
    return takePassage({ hash, pathname, search }, { replaceState: () => {} }, Date.now());
  }
}
