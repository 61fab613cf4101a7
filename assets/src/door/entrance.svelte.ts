import type { Ask } from "../connection/requests";
import { randomHex } from "../platform/random";
import type { Command, Error as WireError, Issued, PolicyNotice, Ticket } from "../wire/protocol";
import type { Rights } from "./rights";
import type { Rule } from "./rule";

/** What the page says at once when somebody is sent out or not let in. */
const AT_DOOR: ReadonlySet<string> = new Set([
  "needs_passphrase",
  "needs_invitation",
  "room_locked",
  "banned",
  "kicked",
  "no_guests",
]);
/** Seconds that an invitation for one stands, and one for many. */
export const SHORT = 600;
export const LONG = 7 * 86_400;

/** What a door needs of what is around it. */
export interface EntranceContext {
  readonly ask: Ask;
  /** Our own id. */
  me(): string;
  /** Join again: the door was opened. */
  join(): void;
  /** The invitations by which we came in. */
  readonly rights: Rights;
}

/** The door of one room: what holds there, why we are outside, and what its owner and moderators do. */
export class Entrance {
  policy = $state.raw<PolicyNotice | null>(null);
  /** Code of the reason why we are outside; empty when we are not. */
  outside = $state("");
  /** That reason, as a sentence. */
  reason = $state("");
  /** Why what was shown or said last was refused; empty when it was not. */
  problem = $state("");
  /** Whether an answer is awaited. */
  busy = $state(false);
  /** The invitation that was made last. */
  issued = $state.raw<Issued | null>(null);
  /** The invitations that stand at this node. */
  tickets = $state.raw<readonly Ticket[]>([]);
  readonly #room: string;
  readonly #context: EntranceContext;
  #shown = false;

  constructor(room: string, context: EntranceContext) {
    this.#room = room;
    this.#context = context;
  }

  get owner(): boolean {
    return this.policy !== null && this.policy.owner === this.#context.me();
  }

  get moderator(): boolean {
    return this.owner || (this.policy?.moderators?.includes(this.#context.me()) ?? false);
  }

  /** Whether something can be done to somebody: not to the owner, and to moderators by the owner only. */
  mayMove(person: string): boolean {
    if (!this.moderator || person === this.#context.me() || person === this.policy?.owner) return false;
    return this.owner || !this.moderates(person);
  }

  moderates(person: string): boolean {
    return this.policy?.moderators?.includes(person) ?? false;
  }

  mutes(person: string): boolean {
    return this.policy?.muted?.includes(person) ?? false;
  }

  /** Somebody is not let in, or was sent out: true when that is why. */
  refused({ code, message }: WireError): boolean {
    if (!AT_DOOR.has(code)) return false;
    this.outside = code;
    this.reason = message;
    const right = this.#context.rights.of(this.#room);
    // Another node let us in by it: this one is shown it once.
    if (code === "needs_invitation" && right !== "" && !this.#shown) {
      this.#shown = true;
      this.enter({ invitation: right });
    }
    return true;
  }

  entered(): void {
    this.outside = "";
    this.reason = "";
    this.problem = "";
  }

  /** Show a passphrase or the code of an invitation, and go in by it. */
  enter(shown: { passphrase: string } | { invitation: string }): void {
    this.#do({ type: "enter", room: this.#room, ...shown }, () => {
      if ("invitation" in shown) this.#context.rights.keep(this.#room, shown.invitation);
      this.#context.join();
    });
  }

  /** Say a rule. */
  order(rule: Rule): void {
    const post = { type: "post", room: this.#room, nonce: randomHex(16), kind: "rule", text: JSON.stringify(rule) } as const;
    this.#do(post, () => {});
  }

  /** Let people in by a new passphrase; the node says the rule that wants it. */
  setPassphrase(passphrase: string): void {
    this.#do({ type: "passphrase", room: this.#room, passphrase }, () => {});
  }

  /** Whether an invitation can be taken back by us: it is ours, or we moderate the room. */
  mayRevoke({ by }: Ticket): boolean {
    return this.moderator || by === this.#context.me();
  }

  issue(single: boolean): void {
    const seconds = single ? SHORT : LONG;
    this.busy = true;
    this.problem = "";
    this.#context.ask(
      { type: "issue", room: this.#room, single, seconds },
      {
        answered: (issued) => {
          this.busy = false;
          this.issued = issued;
          this.list();
        },
        refused: (error) => this.#fail(error),
        lost: () => (this.busy = false),
      },
    );
  }

  list(): void {
    this.#context.ask(
      { type: "tickets", room: this.#room },
      { answered: ({ tickets }) => (this.tickets = tickets), refused: (error) => this.#fail(error) },
    );
  }

  revoke(ticket: string): void {
    this.#do({ type: "revoke", room: this.#room, ticket }, () => {
      this.tickets = this.tickets.filter(({ id }) => id !== ticket);
      if (this.issued?.ticket.id === ticket) this.issued = null;
    });
  }

  #do(command: Extract<Command, { type: "enter" | "post" | "passphrase" | "revoke" }>, then: () => void): void {
    this.busy = true;
    this.problem = "";
    this.#context.ask(command, {
      answered: () => {
        this.busy = false;
        then();
      },
      refused: (error) => this.#fail(error),
      lost: () => (this.busy = false),
    });
  }

  #fail({ message }: WireError): void {
    this.busy = false;
    this.problem = message;
  }
}
