import { beforeEach, describe, expect, it } from "vitest";
import { FakeNode } from "../testing/node";
import { messages } from "../text/catalogue";
import type { JobStatus } from "../wire/protocol";
import { isOver, Jobs } from "./jobs.svelte";

const FILE = new File(["text"], "Kitchen.jsonl");

let node: FakeNode;
let uploads: [string, Blob][];
let arrives: boolean;
let jobs: Jobs;

const job = (id: string, more: Partial<JobStatus> = {}): JobStatus => ({ type: "job", id, kind: "export", state: "waiting", ...more });
const states = () => jobs.list.map((shown) => shown.job.state);
const first = (to: "export" | "import", id: string, index = -1) =>
  node.answer(to, job(id, { kind: to, ...(to === "import" ? { total: 4 } : {}) }), index);

beforeEach(() => {
  node = new FakeNode();
  uploads = [];
  arrives = true;
  jobs = new Jobs(
    node.requests.ask,
    (id, file) => {
      uploads.push([id, file]);
      return arrives ? Promise.resolve() : Promise.reject(new Error("cut"));
    },
  );
});

describe("an export", () => {
  it("is asked for, shown as it goes on, and stays with its sentence", () => {
    jobs.export("r", "Kitchen", "html");
    expect(node.last).toEqual({ type: "export", room: "r", format: "html" });
    first("export", "a");
    expect(jobs.receive(job("a", { state: "running", done: 1, total: 2 }))).toBe(true);
    expect(jobs.list).toEqual([
      { title: messages.exportOf("Kitchen"), job: job("a", { state: "running", done: 1, total: 2 }) },
    ]);
    jobs.receive(job("a", { state: "done", text: "There." }));
    expect(isOver(jobs.list[0]!.job)).toBe(true);
    jobs.dismiss("a");
    expect(jobs.list).toEqual([]);
  });

  it("is shown in its folder when somebody asks for it", () => {
    jobs.reveal();
    expect(node.last).toEqual({ type: "reveal" });
  });

  it("is not shown when there is no connection to ask on", () => {
    node.connected = false;
    jobs.export("r", "Kitchen", "jsonl");
    jobs.receive(job("a"));
    expect(jobs.list).toEqual([]);
  });

  it("does not come back when it was dismissed while it ran", () => {
    jobs.export("r", "Kitchen", "jsonl");
    first("export", "a");
    jobs.dismiss("a");
    jobs.receive(job("a", { state: "done" }));
    expect(jobs.list).toEqual([]);
  });

  it("is cancelled, unless it has just ended", () => {
    jobs.export("r", "Kitchen", "jsonl");
    first("export", "a");
    jobs.cancel("a");
    expect(node.last).toEqual({ type: "cancel", job: "a" });
    node.answer("cancel", job("a", { state: "cancelled" }));
    expect(states()).toEqual(["cancelled"]);
    jobs.cancel("a");
    expect(node.refuse("cancel", "no_such_job", "There is no such job.")).toBe(true);
  });
});

describe("an import", () => {
  it("sends its file under the id that the node gives", () => {
    jobs.import(FILE);
    expect(node.last).toEqual({ type: "import", size: 4 });
    expect(uploads).toEqual([]);
    first("import", "b");
    jobs.receive(job("b", { kind: "import", done: 4, total: 4 }));
    expect(uploads).toEqual([["b", FILE]]);
    expect(jobs.list[0]!.title).toBe(messages.importOf("Kitchen.jsonl"));
  });

  it("is cancelled when its file does not arrive", async () => {
    arrives = false;
    jobs.import(FILE);
    first("import", "b");
    await Promise.resolve();
    await Promise.resolve();
    expect(node.last).toEqual({ type: "cancel", job: "b" });
  });
});

describe("several jobs", () => {
  it("are each known by their own answer, in whatever order it comes", () => {
    jobs.export("r", "Kitchen", "jsonl");
    jobs.import(FILE);
    first("import", "b");
    first("export", "a");
    expect(jobs.list.map(({ title }) => title)).toEqual([messages.importOf(FILE.name), messages.exportOf("Kitchen")]);
    expect(uploads.map(([id]) => id)).toEqual(["b"]);
  });

  it("show which one was refused, and why", () => {
    jobs.export("r", "Kitchen", "jsonl");
    jobs.import(FILE);
    first("import", "b");
    node.refuse("export", "too_many_jobs", "No.");
    expect(states()).toEqual(["waiting", "failed"]);
    expect([jobs.list[1]!.title, jobs.list[1]!.job.text]).toEqual([messages.exportOf("Kitchen"), "No."]);
    jobs.export("r", "Kitchen", "jsonl");
    node.refuse("export", "too_many_jobs", "No.");
    expect(new Set(jobs.list.map((shown) => shown.job.id)).size).toBe(3);
  });

  it("are no longer told of when the connection breaks", () => {
    jobs.export("r", "Kitchen", "jsonl");
    jobs.export("s", "Desk", "jsonl");
    jobs.import(FILE);
    first("export", "a", 0);
    first("export", "b", 1);
    jobs.receive(job("a", { state: "done", text: "There." }));
    node.requests.lost();
    jobs.disconnected();
    expect(states()).toEqual(["done", "failed"]);
    expect(jobs.list[1]!.job.text).toBe(messages.jobLost);
    first("import", "c");
    expect(states()).toEqual(["done", "failed"]);
  });
});

it("leaves other replies be", () => {
  expect(jobs.receive({ type: "heartbeat", tops: {} })).toBe(false);
  expect(jobs.list).toEqual([]);
});
