import { Door } from "./connection/door";
import { Jobs } from "./rooms/jobs.svelte";
import type { Browser } from "./platform/browser";
import { LocalStore } from "./platform/storage";
import { headline } from "./text/catalogue";
import { RoomRegistry } from "./rooms/rooms.svelte";
import { Socket, type ConnectionState } from "./connection/socket";
import type { Author, NodeInfo, Reply } from "./wire/protocol";

/** How often presence and typing are looked through: milliseconds. */
const TICK = 1_000;

/** Everything the views show and do: who we are, how we are connected, and the rooms. */
export class Session {
  connection = $state.raw<ConnectionState>({ state: "connecting" });
  me = $state.raw<Author>({ id: "", nick: "" });
  node = $state.raw<NodeInfo | null>(null);
  maxText = $state(Infinity);
  guest = $state(false);
  /** Where a browser on the network joins; empty when we are not told. */
  address = $state("");
  /** A sentence about something that went wrong and belongs to nothing else; empty when there is none. */
  trouble = $state("");
  /** Why the name was not taken; empty when it was. */
  nickRefusal = $state("");

  readonly rooms: RoomRegistry;
  readonly jobs: Jobs;
  readonly #socket: Socket;
  readonly #door: Door;
  readonly #browser: Browser;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(browser: Browser) {
    const store = browser.store ?? new LocalStore();
    this.#browser = browser;
    this.#door = new Door(store, browser);
    this.#socket = new Socket({
      hello: () => this.#door.hello(),
      open: () => browser.open(),
      onReply: (reply) => this.#receive(reply),
      onChange: (connection) => this.#onChange(connection),
    });
    const wanted = new URLSearchParams(browser.location.search).get("room") ?? "";
    this.jobs = new Jobs((command) => this.#socket.send(command), (job, file) => this.#door.upload(job, file));
    this.rooms = new RoomRegistry((command) => this.#socket.send(command), store, wanted);
  }

  start(): void {
    this.#timer = setInterval(() => this.rooms.tick(Date.now()), TICK);
    this.#socket.start();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.keep();
    this.#socket.stop();
  }

  /** Try to connect now. */
  nudge(): void {
    this.#socket.nudge();
  }

  /** The page's address changed: it may bring a new key. */
  readdressed(): void {
    if (this.#door.takeKey()) this.#socket.restart();
  }

  /** Somebody looks at the page again. */
  look(): void {
    this.nudge();
    if (this.#browser.looking()) this.rooms.look();
    else this.keep();
  }

  /** The page may be about to go. */
  keep(): void {
    this.rooms.keep();
  }

  rename(nick: string): void {
    const name = nick.trim();
    this.nickRefusal = "";
    if (name !== "" && name !== this.me.nick) this.#socket.send({ type: "rename", nick: name });
  }

  dismissTrouble(): void {
    this.trouble = "";
  }

  #onChange(connection: ConnectionState): void {
    const before = this.connection.state;
    this.connection = connection;
    if (before === "ready" && connection.state !== "ready") {
      this.rooms.lost();
      this.jobs.lost();
    }
  }

  #receive(reply: Reply): void {
    if (reply.type === "notification" && !this.#browser.looking()) {
      this.#browser.notify?.(headline(reply), reply.text ?? "");
    }
    if (reply.type === "welcome") {
      this.node = reply.node;
      this.maxText = reply.max_text;
      this.address = reply.address ?? "";
      this.guest = this.#door.isGuest;
      this.#become(reply.you);
      this.rooms.ready();
    } else if (reply.type === "you") {
      this.#become(reply.you);
    } else if (this.jobs.receive(reply)) {
      return;
    } else if (!this.rooms.receive(reply, Date.now(), this.me.id, this.#browser.looking()) && reply.type === "error") {
      if (reply.code === "invalid_nick") this.nickRefusal = reply.message;
      else this.trouble = reply.message;
    }
  }

  #become(you: Author): void {
    this.me = you;
    this.#door.remember(you.nick);
  }
}
