import { expect, it } from "vitest";
import type { Reply } from "../wire/protocol";
import { handle, type Handlers } from "./handlers";

const seen: string[] = [];
const handlers: Handlers = { start_over: ({ room }) => void seen.push(room) };

it("hands each reply to the handler of its type", () => {
  expect(handle(handlers, { type: "start_over", room: "r", top: 0 })).toBe(true);
  expect(seen).toEqual(["r"]);
});

it("says when nobody takes a reply", () => {
  expect(handle(handlers, { type: "heartbeat", tops: {} })).toBe(false);
});

it("takes no property that every object has for a handler", () => {
  expect(handle(handlers, { type: "constructor" } as unknown as Reply)).toBe(false);
});
