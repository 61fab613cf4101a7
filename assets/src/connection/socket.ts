import type { WebSocketLike } from "../platform/browser";
import type { Command, Hello, Reply } from "../wire/protocol";
import { SILENCE } from "../wire/protocol";

/** How the page stands with its node. */
export type ConnectionState =
  | { readonly state: "connecting" }
  | { readonly state: "ready" }
  | { readonly state: "waiting"; readonly tries: number }
  | { readonly state: "refused"; readonly code: string; readonly message: string }
  | { readonly state: "closed" };

/** What a socket needs from its owner. */
export interface SocketOptions {
  /** The hello of the next attempt. It may throw a Refusal, which is final, or anything else, which is tried again. */
  hello(): Promise<Hello>;
  /** Fails while nobody answers where the node is. */
  reach(): Promise<unknown>;
  onReply(reply: Reply): void;
  onChange(connection: ConnectionState): void;
  /** The node is taken down and says that another one is there. */
  onSentOn?(): void;
  open(): WebSocketLike;
  /** A number from 0 to 1. */
  random?(): number;
}

/** The node does not want us; trying again changes nothing. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Shortest and longest time between two attempts to find a node that does not answer: milliseconds. It is near, and asked
 * by few; not all of them at once, because it comes back for all of them at once.
 */
export const AWAY = [300, 1_000] as const;
/** The same for a node that answers and does not let us in: it has enough to do. */
export const BUSY = [500, 30_000] as const;
/** With this code a node closes that sends its clients on to another one, behind the same address or at one it told. */
export const SENT_ON = 1012;
/** A connection that lived this long begins again with the shortest time: milliseconds. */
const STEADY = 5_000;

/**
 * Frames that follow another within this time are handled together: milliseconds. One is shown at once, and of
 * thousands the page is drawn once per picture of the screen instead of once per frame.
 */
export const PICTURE = 16;

/** One WebSocket to the node that says hello, notices silence, and comes back. */
export class Socket {
  /** When the node said something last: milliseconds since 1970. */
  heardAt = Date.now();
  readonly #options: SocketOptions;
  #connection: ConnectionState = { state: "closed" };
  #socket: WebSocketLike | null = null;
  #attempt = 0;
  #tries = 0;
  /** Attempts in a row that the node answered, and that came to nothing. */
  #rebuffs = 0;
  /** Whether the node answered the attempt that is under way. */
  #answered = false;
  #readySince = 0;
  #silence = SILENCE * 1000;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #picture: ReturnType<typeof setTimeout> | undefined;
  #together: Reply[] = [];

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#connection.state === "ready";
  }

  start(): void {
    if (this.#connection.state === "closed") void this.#connect();
  }

  stop(): void {
    this.#drop();
    clearTimeout(this.#timer);
    this.#change({ state: "closed" });
  }

  /** Begin anew: who we are has changed. */
  restart(): void {
    this.stop();
    this.start();
  }

  /** Try now instead of after the wait: the network came back, or somebody clicked. */
  nudge(): void {
    if (this.#connection.state === "waiting") void this.#connect();
  }

  /** Send when there is a connection; false when there is none. */
  send(command: Command): boolean {
    if (!this.ready || this.#socket === null) return false;
    this.#socket.send(JSON.stringify(command));
    return true;
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#timer);
    const attempt = ++this.#attempt;
    this.#change({ state: "connecting" });
    this.#answered = false;
    try {
      // Browsers hold back sockets that failed, for minutes in the end (Chromium's throttle, Firefox's delay); and no fetch.
      if (this.#tries > 0) await this.#options.reach();
      this.#answered = this.#tries > 0;
      const hello = await this.#options.hello();
      if (attempt === this.#attempt) this.#open(hello);
    } catch (error) {
      if (attempt !== this.#attempt) return;
      if (error instanceof Refusal) this.#change({ state: "refused", code: error.code, message: error.message });
      else this.#lost();
    }
  }

  #open(hello: Hello): void {
    const socket = this.#options.open();
    this.#socket = socket;
    this.#silence = SILENCE * 1000;
    this.#listen();
    socket.onopen = () => {
      this.#answered = true;
      socket.send(JSON.stringify(hello));
    };
    socket.onmessage = ({ data }) => this.#onFrame(data);
    socket.onclose = (end) => this.#ended(end?.code ?? 0);
  }

  #onFrame(data: unknown): void {
    this.heardAt = Date.now();
    this.#listen();
    const reply = decode(data);
    if (reply === null) return;
    this.#together.push(reply);
    if (this.#picture === undefined) this.#handleTogether();
  }

  #handleTogether(): void {
    this.#picture = undefined;
    const replies = this.#together;
    this.#together = [];
    if (replies.length === 0) return;
    this.#picture = setTimeout(() => this.#handleTogether(), PICTURE);
    const attempt = this.#attempt;
    for (const reply of replies) if (attempt === this.#attempt) this.#handle(reply);
  }

  #handle(reply: Reply): void {
    if (reply.type === "error" && !this.ready && !reply.retry) {
      this.#drop();
      this.#change({ state: "refused", code: reply.code, message: reply.message });
      return;
    }
    if (reply.type === "welcome") {
      this.#silence = reply.silence * 1000;
      this.#listen();
      this.#readySince = Date.now();
      this.#tries = 0;
      this.#change({ state: "ready" });
    }
    this.#options.onReply(reply);
  }

  #ended(code: number): void {
    // Whoever answers now is another one, and has rebuffed nobody.
    if (code === SENT_ON) this.#answered = false;
    this.#lost();
    if (code === SENT_ON) this.#options.onSentOn?.();
  }

  #lost(): void {
    const steady = this.ready && Date.now() - this.#readySince > STEADY;
    this.#rebuffs = this.#answered && !steady ? this.#rebuffs + 1 : 0;
    this.#drop();
    this.#tries += 1;
    const [shortest, longest] = this.#rebuffs > 0 ? BUSY : AWAY;
    const ceiling = this.#rebuffs > 0 ? Math.min(longest, shortest * 2 ** this.#rebuffs) : longest;
    const wait = shortest + (this.#options.random ?? Math.random)() * (ceiling - shortest);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), wait);
    this.#change({ state: "waiting", tries: this.#tries });
  }

  /** Every frame puts off the moment at which the node counts as gone. */
  #listen(): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#lost(), this.#silence);
  }

  /** Let go at once: a dead connection may take minutes to say that it is closed. */
  #drop(): void {
    this.#attempt += 1;
    clearTimeout(this.#deadline);
    clearTimeout(this.#picture);
    this.#picture = undefined;
    // What was not handled did not move a cursor: it comes again.
    this.#together = [];
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #change(connection: ConnectionState): void {
    this.#connection = connection;
    this.#options.onChange(connection);
  }
}

function decode(data: unknown): Reply | null {
  if (typeof data !== "string") return null;
  try {
    const reply = JSON.parse(data) as Reply | null;
    return typeof reply?.type === "string" ? reply : null;
  } catch {
    return null;
  }
}
