import { expect, it } from "vitest";
import { isLoopback } from "./door";

it("knows its own machine", () => {
  expect(["127.0.0.1", "127.1.2.3", "localhost", "[::1]"].every(isLoopback)).toBe(true);
  expect(["192.0.2.5", "127.evil.example", "localhost.example"].some(isLoopback)).toBe(false);
});
