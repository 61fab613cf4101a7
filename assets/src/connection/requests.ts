import type {
  Command,
  Comparison,
  Diagnosis,
  Done,
  Error as WireError,
  Found,
  Held,
  Issued,
  JobStatus,
  Joined,
  Looked,
  Opened,
  Page,
  Reply,
  Shared,
  StartOver,
  TicketList,
  Welcome,
  You,
} from "../wire/protocol";

/** The commands that have an answer of their own; any other is answered by `done`. */
interface Answers {
  hello: Welcome;
  open: Opened;
  join: Joined | StartOver;
  post: Held | Done;
  history: Page;
  search: Found;
  rename: You;
  export: JobStatus;
  import: JobStatus;
  cancel: JobStatus;
  compare: Comparison;
  issue: Issued;
  tickets: TicketList;
  share: Shared;
  diagnose: Diagnosis;
  look: Looked;
}

export type AnswerTo<C extends Command> = C["type"] extends keyof Answers ? Answers[C["type"]] : Done;

/** What is done with what comes of a command: exactly one of these. */
export interface Outcome<A> {
  answered(answer: A): void;
  /** The node refused it. Where nobody says what to do then, the person is told. */
  refused?(refusal: WireError): void;
  /** The connection broke first; whether the command was carried out is not known. */
  lost?(): void;
}

/** Sends a command whose answer nobody waits for; false while there is no connection. */
export type Send = (command: Command) => boolean;
/** Sends a command and waits for its answer; false while there is no connection. */
export type Ask = <C extends Command>(command: C, outcome: Outcome<AnswerTo<C>>) => boolean;

/**
 * The commands that are not answered yet, by their ref.
 *
 * An outcome is a plain call and no promise: frames that came together are handled in their order, and the answer to a
 * join must be taken before the events behind it.
 */
export class Requests {
  readonly #send: Send;
  readonly #pending = new Map<number, Outcome<never>>();
  #last = 0;

  constructor(send: Send) {
    this.#send = send;
  }

  readonly ask: Ask = (command, outcome) => {
    const ref = this.#last + 1;
    if (!this.#send({ ...command, ref })) return false;
    this.#last = ref;
    this.#pending.set(ref, outcome);
    return true;
  };

  /** Take an answer: false when nobody asked, or who asked does not say what to do with a refusal. */
  receive(reply: Reply): boolean {
    const ref = ("ref" in reply && reply.ref) || 0;
    const outcome = this.#pending.get(ref);
    this.#pending.delete(ref);
    if (outcome === undefined) return false;
    if (reply.type !== "error") outcome.answered(reply as never);
    else if (outcome.refused === undefined) return false;
    else outcome.refused(reply);
    return true;
  }

  /** The connection is gone: nothing that was asked on it will be answered. */
  lost(): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    pending.forEach((outcome) => outcome.lost?.());
  }
}
