import type { Browser, WebSocketLike } from "../platform/browser";
import type { Command, Reply } from "../wire/protocol";
import { CommandLog } from "./commands";

/** A WebSocket whose other end is the test. */
export class FakeWebSocket extends CommandLog implements WebSocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((end?: { readonly code: number }) => void) | null = null;
  closed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Command);
  }

  close(): void {
    this.closed = true;
  }

  /** The node sends something. */
  deliver(reply: Reply): void {
    this.onmessage?.({ data: JSON.stringify(reply) });
  }
}

/** A guest's browser whose sockets lead to the test. */
export class FakeSocketBrowser implements Browser {
  readonly location = new URL("http://192.0.2.5:28280/");
  readonly history = { replaceState: (): void => {} };
  readonly sockets: FakeWebSocket[] = [];
  /** Where the page went. */
  readonly gone: string[] = [];

  get socket(): FakeWebSocket {
    return this.sockets.at(-1)!;
  }

  open(): FakeWebSocket {
    this.sockets.push(new FakeWebSocket());
    return this.socket;
  }

  looking(): boolean {
    return true;
  }

  online(): boolean {
    return true;
  }

  go(url: string): void {
    this.gone.push(url);
  }

  reload(): void {
    this.gone.push("reload");
  }

  fetch(): Promise<never> {
    return Promise.reject(new TypeError("Nobody answers."));
  }
}
