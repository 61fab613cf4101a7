import { beforeEach, describe, expect, it } from "vitest";
import type { Command, Reply } from "../wire/protocol";
import { Requests } from "./requests";

let sent: Command[];
let connected: boolean;
let requests: Requests;
let log: string[];

const search = (text: string) =>
  requests.ask(
    { type: "search", room: "r", text },
    {
      answered: ({ hits }) => log.push(`${text}: ${hits.length}`),
      refused: ({ message }) => log.push(`${text}: ${message}`),
      lost: () => log.push(`${text}: lost`),
    },
  );
const found = (ref: number): Reply => ({ type: "found", room: "r", hits: [], ref });
const error = (ref: number): Reply => ({ type: "error", code: "no", message: "No.", retry: false, ref });

beforeEach(() => {
  sent = [];
  log = [];
  connected = true;
  requests = new Requests((command) => {
    if (connected) sent.push(command);
    return connected;
  });
});

describe("a command", () => {
  it("finds its own answer, in whatever order the answers come", () => {
    search("soup");
    search("tea");
    expect(sent.map(({ ref }) => ref)).toEqual([1, 2]);
    expect([requests.receive(found(2)), requests.receive(error(1))]).toEqual([true, true]);
    expect(log).toEqual(["tea: 0", "soup: No."]);
  });

  it("is answered once", () => {
    search("soup");
    requests.receive(found(1));
    expect(requests.receive(found(1))).toBe(false);
    expect(log).toEqual(["soup: 0"]);
  });

  it("is not sent, and waits for nothing, while there is no connection", () => {
    connected = false;
    expect(search("soup")).toBe(false);
    requests.lost();
    expect([sent, log]).toEqual([[], []]);
  });

  it("is lost with its connection, and its ref means nothing on the next one", () => {
    search("soup");
    requests.lost();
    expect(log).toEqual(["soup: lost"]);
    search("tea");
    expect(sent.at(-1)?.ref).toBe(2);
    expect(requests.receive(found(1))).toBe(false);
  });

  it("may be asked anew by whoever hears that it is lost", () => {
    requests.ask({ type: "cancel", job: "j" }, { answered: () => {}, lost: () => void search("again") });
    requests.lost();
    requests.receive(found(2));
    expect(log).toEqual(["again: 0"]);
  });
});

it("leaves to others what nobody asked for, and a refusal that nobody cares about", () => {
  expect(requests.receive({ type: "heartbeat", tops: {} })).toBe(false);
  expect(requests.receive(error(0))).toBe(false);
  requests.ask({ type: "leave", room: "r" }, { answered: ({ type }) => log.push(type) });
  expect(requests.receive(error(1))).toBe(false);
  requests.ask({ type: "leave", room: "r" }, { answered: ({ type }) => log.push(type) });
  expect(requests.receive({ type: "done", ref: 2 })).toBe(true);
  expect(log).toEqual(["done"]);
});
