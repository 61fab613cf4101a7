import type { Browser } from "../platform/browser";
import type { LocalStore } from "../platform/storage";
import type { Author, NodeInfo, Reply } from "../wire/protocol";
import { Door } from "./door";
import { handle, type Handlers } from "./handlers";
import { Requests, type Ask, type Send } from "./requests";
import { Socket, type ConnectionState } from "./socket";

/** How long a node that is there may take to say so: milliseconds. */
const REACH = 2_000;

/** What the rest of the page does when something happens to the session. */
export interface SessionEvents {
  /** The node welcomed us. */
  onReady(): void;
  /** The connection that was ready is gone. */
  onLost(): void;
  /** The node is taken down and sends us on. */
  onSentOn?(): void;
  /** Take a reply that is about something else than who and where we are. */
  onReply(reply: Reply): void;
}

/** Who we are, where we are, and how we are connected. */
export class Session {
  connection = $state.raw<ConnectionState>({ state: "connecting" });
  me = $state.raw<Author>({ id: "", nick: "" });
  node = $state.raw<NodeInfo | null>(null);
  maxText = $state(Infinity);
  guest = $state(false);
  /** Where a browser on the network joins; empty when we are not told. */
  address = $state("");
  /** SHA-256 of the node's certificate, by which a browser's warning is compared; empty where it is not told. */
  fingerprint = $state("");
  /** Why the name was not taken; empty when it was. */
  nickRefusal = $state("");

  readonly send: Send;
  readonly ask: Ask;
  readonly #door: Door;
  readonly #socket: Socket;
  readonly #requests: Requests;
  readonly #events: SessionEvents;
  readonly #handlers: Handlers = {
    welcome: ({ node, you, max_text, address = "", fingerprint = "", secret = "" }) => {
      this.node = node;
      this.maxText = max_text;
      this.address = address;
      this.fingerprint = fingerprint;
      this.guest = this.#door.isGuest;
      this.#become(you, secret);
      this.#events.onReady();
    },
    whereabouts: ({ address }) => {
      this.address = address;
    },
    // Also unasked: the owner may have chosen another name in another window.
    you: ({ you }) => this.#become(you),
  };

  constructor(browser: Browser, store: LocalStore, events: SessionEvents) {
    this.#events = events;
    this.#door = new Door(store, browser);
    this.#socket = new Socket({
      hello: () => this.#door.hello(),
      reach: () => browser.fetch("./", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(REACH) }),
      open: () => browser.open(),
      onReply: (reply) => {
        if (!this.#requests.receive(reply) && !handle(this.#handlers, reply)) events.onReply(reply);
      },
      onChange: (connection) => this.#onChange(connection),
      onSentOn: () => events.onSentOn?.(),
    });
    this.send = (command) => this.#socket.send(command);
    this.#requests = new Requests(this.send);
    this.ask = this.#requests.ask;
  }

  start(): void {
    this.#socket.start();
  }

  stop(): void {
    this.#socket.stop();
  }

  /** By what we are known as a guest at other nodes; empty for none. */
  get secret(): string {
    return this.#door.secret;
  }

  /** When the node said something last: milliseconds since 1970. */
  get heardAt(): number {
    return this.#socket.heardAt;
  }

  /** Try to connect now. */
  nudge(): void {
    this.#socket.nudge();
  }

  /** The page's address changed: it may bring a new key. */
  readdressed(): void {
    if (this.#door.takeKey()) this.#socket.restart();
  }

  /** Send the file that an import waits for; fails when it was not taken. */
  upload(job: string, file: Blob): Promise<void> {
    return this.#door.upload(job, file);
  }

  /** Sign this browser out, or every one that may come in; fails when the node did not take it. */
  signOut(everywhere: boolean): Promise<void> {
    return this.#door.signOut(everywhere);
  }

  rename(nick: string): void {
    const name = nick.trim();
    this.nickRefusal = "";
    if (name === "" || name === this.me.nick) return;
    this.ask(
      { type: "rename", nick: name },
      {
        answered: (answer) => handle(this.#handlers, answer),
        refused: ({ message }) => {
          this.nickRefusal = message;
        },
      },
    );
  }

  #onChange(connection: ConnectionState): void {
    const before = this.connection.state;
    this.connection = connection;
    if (before !== "ready" || connection.state === "ready") return;
    this.#requests.lost();
    this.#events.onLost();
  }

  #become(you: Author, secret = ""): void {
    this.me = you;
    this.#door.remember(you.nick, secret);
  }
}
