import { handle, type Handlers } from "../connection/handlers";
import type { Ask } from "../connection/requests";
import { messages } from "../text/catalogue";
import type { Export, Import, JobStatus, Reply } from "../wire/protocol";

export type Format = NonNullable<Export["format"]>;

/** Sends a file for an import; fails when it did not arrive. */
type Upload = (job: string, file: Blob) => Promise<void>;

/** A job of this page, and what it is called. */
export interface ShownJob {
  readonly job: JobStatus;
  readonly title: string;
}

const ENDS: readonly JobStatus["state"][] = ["done", "failed", "cancelled"];

export function isOver({ state }: JobStatus): boolean {
  return ENDS.includes(state);
}

/** Exports and imports of this page, the newest last. */
export class Jobs {
  list = $state.raw<readonly ShownJob[]>([]);

  readonly #ask: Ask;
  readonly #upload: Upload;
  readonly #handlers: Handlers = { job: (job) => this.#update(job) };

  constructor(ask: Ask, upload: Upload) {
    this.#ask = ask;
    this.#upload = upload;
  }

  export(room: string, name: string, format: Format): void {
    this.#begin({ type: "export", room, format }, "export", messages.exportOf(name));
  }

  import(file: File): void {
    this.#begin({ type: "import", size: file.size }, "import", messages.importOf(file.name), (id) => {
      this.#upload(id, file).catch(() => this.cancel(id));
    });
  }

  cancel(id: string): void {
    // A job that has just ended needs no cancelling.
    this.#ask({ type: "cancel", job: id }, { answered: (job) => this.#update(job), refused: () => {} });
  }

  /** Show the folder of the exports in this computer's file manager. */
  reveal(): void {
    this.#ask({ type: "reveal" }, { answered: () => {} });
  }

  dismiss(id: string): void {
    this.list = this.list.filter(({ job }) => job.id !== id);
  }

  /** The connection broke: no more is told of these jobs. */
  disconnected(): void {
    this.list = this.list.map((shown) =>
      isOver(shown.job) ? shown : { ...shown, job: { ...shown.job, state: "failed", text: messages.jobLost } },
    );
  }

  /** Take what the node says about jobs; false when it is about something else. */
  receive(reply: Reply): boolean {
    return handle(this.#handlers, reply);
  }

  #begin(command: Export | Import, kind: JobStatus["kind"], title: string, then: (id: string) => void = () => {}): void {
    this.#ask(command, {
      answered: (job) => {
        this.#show(job, title);
        then(job.id);
      },
      refused: ({ message, ref }) => {
        this.#show({ type: "job", id: `refused ${ref}`, kind, state: "failed", text: message }, title);
      },
    });
  }

  #show(job: JobStatus, title: string): void {
    this.list = [...this.list, { job, title }];
  }

  /** Show how far a job is, unless it was dismissed. */
  #update(job: JobStatus): void {
    this.list = this.list.map((shown) => (shown.job.id === job.id ? { ...shown, job } : shown));
  }
}
