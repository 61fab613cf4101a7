import type { Ask } from "../connection/requests";
import type { Open, RoomInfo } from "../wire/protocol";

/** What happens once the room that was wished for is open. */
export type Then = (info: RoomInfo) => void;

/** The room that somebody wants to be opened, until the node has answered: a newer wish takes the place of an older. */
export class Wish {
  /** What the node has not answered yet. */
  open = $state.raw<Open | null>(null);
  /** Why the last wish was refused; empty when it was not. */
  refusal = $state("");
  /** The rooms that could not be opened on this connection. */
  readonly declined = new Set<string>();
  readonly #ask: Ask;
  readonly #onRefused: () => void;
  #then: Then = () => {};

  constructor(ask: Ask, onRefused: () => void) {
    this.#ask = ask;
    this.#onRefused = onRefused;
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

  #send(open: Open): void {
    this.#ask(open, {
      answered: ({ room }) => {
        if (this.open === open) this.#opened(room);
      },
      refused: ({ message }) => {
        if (this.open === open) this.#refused(open, message);
      },
    });
  }

  #opened(info: RoomInfo): void {
    this.open = null;
    this.refusal = "";
    this.#then(info);
  }

  #refused(open: Open, message: string): void {
    if (open.room !== undefined) this.declined.add(open.room);
    this.open = null;
    this.refusal = message;
    this.#onRefused();
  }
}
