import type { Send } from "../connection/socket";
import type { Open, RoomInfo } from "../wire/protocol";

/** What happens once the room that was wished for is open. */
export type Then = (info: RoomInfo) => void;

/** The room that somebody wants to be opened, until the node has answered: one at a time. */
export class Wish {
  /** What the node has not answered yet. */
  open = $state.raw<Open | null>(null);
  /** Why the last wish was refused; empty when it was not. */
  refusal = $state("");
  /** The rooms that could not be opened on this connection. */
  readonly declined = new Set<string>();
  readonly #send: Send;
  #then: Then = () => {};

  constructor(send: Send) {
    this.#send = send;
  }

  make(open: Open, then: Then): void {
    this.open = open;
    this.#then = then;
    this.#send(open);
  }

  /** Ask again on a new connection. */
  renew(): void {
    this.declined.clear();
    if (this.open !== null) this.#send(this.open);
  }

  opened(info: RoomInfo): void {
    const then = this.#then;
    this.open = null;
    this.#then = () => {};
    this.refusal = "";
    then(info);
  }

  refused(message: string): void {
    if (this.open?.room !== undefined) this.declined.add(this.open.room);
    this.open = null;
    this.refusal = message;
  }
}
