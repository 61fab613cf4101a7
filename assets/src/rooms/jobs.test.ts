import { beforeEach, describe, expect, it } from "vitest";
import { isOver, Jobs } from "./jobs.svelte";
import { messages } from "../text/catalogue";
import type { Command, Job } from "../wire/protocol";

const FILE = new File(["text"], "Kitchen.jsonl");

let sent: Command[];
let uploads: [string, Blob][];
let connected: boolean;
let arrives: boolean;
let jobs: Jobs;

const job = (id: string, more: Partial<Job> = {}): Job => ({ type: "job", id, kind: "export", state: "waiting", ...more });
const states = () => jobs.list.map((shown) => shown.job.state);
const refuse = (code: string) => jobs.receive({ type: "error", code, message: "No.", retry: true });

beforeEach(() => {
  sent = [];
  uploads = [];
  connected = arrives = true;
  jobs = new Jobs(
    (command) => {
      if (connected) sent.push(command);
      return connected;
    },
    (id, file) => {
      uploads.push([id, file]);
      return arrives ? Promise.resolve() : Promise.reject(new Error("cut"));
    },
  );
});

describe("an export", () => {
  it("is asked for, shown as it goes on, and stays with its sentence", () => {
    jobs.export("r", "Kitchen", "html");
    expect(sent).toEqual([{ type: "export", room: "r", format: "html" }]);
    expect(jobs.receive(job("a"))).toBe(true);
    jobs.receive(job("a", { state: "running", done: 1, total: 2 }));
    expect(jobs.list).toEqual([
      { title: messages.exportOf("Kitchen"), job: job("a", { state: "running", done: 1, total: 2 }) },
    ]);
    jobs.receive(job("a", { state: "done", text: "There." }));
    expect(isOver(jobs.list[0]!.job)).toBe(true);
    jobs.dismiss("a");
    expect(jobs.list).toEqual([]);
  });

  it("is not shown when there is no connection to ask on", () => {
    connected = false;
    jobs.export("r", "Kitchen", "jsonl");
    jobs.receive(job("a"));
    expect(jobs.list).toEqual([]);
  });

  it("does not come back when it was dismissed while it ran", () => {
    jobs.export("r", "Kitchen", "jsonl");
    jobs.receive(job("a"));
    jobs.dismiss("a");
    jobs.receive(job("a", { state: "done" }));
    expect(jobs.list).toEqual([]);
  });
});

describe("an import", () => {
  it("sends its file under the id that the node gives", () => {
    jobs.import(FILE);
    expect(sent).toEqual([{ type: "import", size: 4 }]);
    expect(uploads).toEqual([]);
    jobs.receive(job("b", { kind: "import", total: 4 }));
    jobs.receive(job("b", { kind: "import", done: 4, total: 4 }));
    expect(uploads).toEqual([["b", FILE]]);
    expect(jobs.list[0]!.title).toBe(messages.importOf("Kitchen.jsonl"));
  });

  it("is cancelled when its file does not arrive", async () => {
    arrives = false;
    jobs.import(FILE);
    jobs.receive(job("b", { kind: "import" }));
    await Promise.resolve();
    await Promise.resolve();
    expect(sent.at(-1)).toEqual({ type: "cancel", job: "b" });
    expect(refuse("no_such_job")).toBe(true);
  });
});

describe("several jobs", () => {
  it("are answered in the order in which they were asked for", () => {
    jobs.export("r", "Kitchen", "jsonl");
    jobs.import(FILE);
    jobs.receive(job("a"));
    jobs.receive(job("b", { kind: "import" }));
    expect(jobs.list.map(({ title }) => title)).toEqual([messages.exportOf("Kitchen"), messages.importOf(FILE.name)]);
    expect(uploads.map(([id]) => id)).toEqual(["b"]);
  });

  it("show which one was refused, and why", () => {
    jobs.export("r", "Kitchen", "jsonl");
    jobs.import(FILE);
    expect(refuse("too_many_jobs")).toBe(true);
    jobs.receive(job("b", { kind: "import" }));
    expect(states()).toEqual(["failed", "waiting"]);
    expect(jobs.list[0]!.job.text).toBe("No.");
    expect(uploads.map(([id]) => id)).toEqual(["b"]);
  });

  it("are no longer told of when the connection breaks", () => {
    jobs.export("r", "Kitchen", "jsonl");
    jobs.export("s", "Desk", "jsonl");
    jobs.import(FILE);
    jobs.receive(job("a", { state: "done", text: "There." }));
    jobs.receive(job("b", { state: "running" }));
    jobs.disconnected();
    expect(states()).toEqual(["done", "failed"]);
    expect(jobs.list[1]!.job.text).toBe(messages.jobLost);
    jobs.receive(job("c"));
    expect(states()).toEqual(["done", "failed"]);
  });
});

it("lets other notices and errors be", () => {
  expect(jobs.receive({ type: "heartbeat", tops: {} })).toBe(false);
  expect(refuse("no_such_room")).toBe(false);
  expect(jobs.list).toEqual([]);
});
