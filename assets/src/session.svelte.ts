import { Door } from "./connection/door";
import { Jobs } from "./rooms/jobs.svelte";
import type { Browser } from "./platform/browser";
import { LocalStore } from "./platform/storage";
import { headline } from "./text/catalogue";
import { Rooms } from "./rooms/rooms.svelte";
import { Socket, type Connection } from "./connection/socket";
import type { Author, NodeInfo, Notice } from "./wire/protocol";

/** How often presence and typing are looked through: milliseconds. */
const TICK = 1_000;

/** Everything the views show and do: who we are, how we are connected, and the rooms. */
export class Session {
  connection = $state.raw<Connection>({ state: "connecting" });
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

  readonly rooms: Rooms;
  readonly jobs: Jobs;
  readonly #socket: Socket;
  readonly #door: Door;
  readonly #browser: Browser;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(browser: Browser) {
    const keep = browser.store ?? new LocalStore();
    this.#browser = browser;
    this.#door = new Door(keep, browser);
    this.#socket = new Socket({
      hello: () => this.#door.hello(),
      open: () => browser.open(),
      heard: (notice) => this.#hear(notice),
      changed: (connection) => this.#changed(connection),
    });
    const wanted = new URLSearchParams(browser.location.search).get("room") ?? "";
    this.jobs = new Jobs((command) => this.#socket.send(command), (job, file) => this.#door.upload(job, file));
    this.rooms = new Rooms((command) => this.#socket.send(command), keep, wanted);
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

  #changed(connection: Connection): void {
    const before = this.connection.state;
    this.connection = connection;
    if (before === "ready" && connection.state !== "ready") {
      this.rooms.lost();
      this.jobs.lost();
    }
  }

  #hear(notice: Notice): void {
    if (notice.type === "notification" && !this.#browser.looking()) {
      this.#browser.notify?.(headline(notice), notice.text ?? "");
    }
    if (notice.type === "welcome") {
      this.node = notice.node;
      this.maxText = notice.max_text;
      this.address = notice.address ?? "";
      this.guest = this.#door.isGuest;
      this.#called(notice.you);
      this.rooms.ready();
    } else if (notice.type === "you") {
      this.#called(notice.you);
    } else if (this.jobs.hear(notice)) {
      return;
    } else if (!this.rooms.hear(notice, Date.now(), this.me.id, this.#browser.looking()) && notice.type === "error") {
      if (notice.code === "invalid_nick") this.nickRefusal = notice.message;
      else this.trouble = notice.message;
    }
  }

  #called(you: Author): void {
    this.me = you;
    this.#door.called(you.nick);
  }
}
