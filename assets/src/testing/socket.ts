import type { WebSocketLike } from "../platform/browser";
import type { Command, Hello, Reply } from "../wire/protocol";

/** A WebSocket whose other end is the test. */
export class FakeWebSocket implements WebSocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: (Command | Hello)[] = [];
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

  /** The frames of one type that were sent. */
  of<T extends Command["type"]>(type: T): Extract<Command, { type: T }>[] {
    return this.sent.filter((command): command is Extract<Command, { type: T }> => command.type === type);
  }
}
