import { handle, type Handlers } from "../connection/handlers";
import type { Send } from "../connection/socket";
import { messages } from "../text/catalogue";
import type { Command, Export, Job, Reply } from "../wire/protocol";

export type Format = NonNullable<Export["format"]>;

/** Sends a file for an import; fails when it did not arrive. */
type Upload = (job: string, file: Blob) => Promise<void>;

/** A job of this page, and what it is called. */
export interface ShownJob {
  readonly job: Job;
  readonly title: string;
}

/** What was asked for and not answered yet. */
interface Asked {
  readonly title: string;
  readonly file?: File;
}

const ENDS: readonly Job["state"][] = ["done", "failed", "cancelled"];
const REFUSALS: readonly string[] = ["too_many_jobs", "invalid_archive"];

export function isOver({ state }: Job): boolean {
  return ENDS.includes(state);
}

/** Exports and imports of this page, the newest last. The node answers in the order in which it was asked. */
export class Jobs {
  list = $state.raw<readonly ShownJob[]>([]);

  readonly #send: Send;
  readonly #upload: Upload;
  #asked: Asked[] = [];

  readonly #handlers: Handlers = {
    job: (job) => this.#report(job),
    error: ({ code, message }) => {
      if (REFUSALS.includes(code)) this.#refused(message);
      // A job that has just ended needs no cancelling.
      else if (code !== "no_such_job") return false;
    },
  };

  constructor(send: Send, upload: Upload) {
    this.#send = send;
    this.#upload = upload;
  }

  export(room: string, name: string, format: Format): void {
    this.#ask({ type: "export", room, format }, { title: messages.exportOf(name) });
  }

  import(file: File): void {
    this.#ask({ type: "import", size: file.size }, { title: messages.importOf(file.name), file });
  }

  cancel(id: string): void {
    this.#send({ type: "cancel", job: id });
  }

  dismiss(id: string): void {
    this.list = this.list.filter(({ job }) => job.id !== id);
  }

  /** The connection broke: no more is told of these jobs. */
  disconnected(): void {
    this.#asked = [];
    this.list = this.list.map((shown) =>
      isOver(shown.job) ? shown : { ...shown, job: { ...shown.job, state: "failed", text: messages.jobLost } },
    );
  }

  /** Take what the node says about jobs; false when it is about something else. */
  receive(reply: Reply): boolean {
    return handle(this.#handlers, reply);
  }

  #ask(command: Command, asked: Asked): void {
    if (this.#send(command)) this.#asked.push(asked);
  }

  #report(job: Job): void {
    if (this.list.some((shown) => shown.job.id === job.id)) {
      this.list = this.list.map((shown) => (shown.job.id === job.id ? { ...shown, job } : shown));
      return;
    }
    const asked = this.#asked.shift();
    if (asked === undefined) return; // dismissed
    this.list = [...this.list, { job, title: asked.title }];
    if (asked.file !== undefined) this.#upload(job.id, asked.file).catch(() => this.cancel(job.id));
  }

  #refused(text: string): void {
    const asked = this.#asked.shift();
    if (asked === undefined) return;
    const kind = asked.file === undefined ? "export" : "import";
    const job: Job = { type: "job", id: `refused ${Date.now()}`, kind, state: "failed", text };
    this.list = [...this.list, { job, title: asked.title }];
  }
}
