import { expect, test } from "vitest";
import { event } from "../testing/events";
import { hides, ruleOf } from "./rule";

const said = (text: string) => event(1, { kind: "rule", body: { text } });

test("a rule is read from its event, and nothing else is one", () => {
  expect(ruleOf(said('{"change":"mute","person":"m"}'))).toEqual({ change: "mute", person: "m" });
  expect(ruleOf(said("{"))).toBeNull();
  expect(ruleOf(event(1, { body: { text: '{"change":"locked"}' } }))).toBeNull();
});

test("what hides something is known as such", () => {
  expect(hides(said('{"change":"hide","person":"m"}'))).toBe(true);
  expect(hides(said('{"change":"mute","person":"m"}'))).toBe(false);
});
