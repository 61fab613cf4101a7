import { beforeEach, expect, it } from "vitest";
import { FakeNode } from "../testing/node";
import type { Looked } from "../wire/protocol";
import { Survey } from "./survey.svelte";

const LOOKED: Looked = { type: "looked", nodes: [{ id: "n", name: "ann" }], asked: 253 };

let node: FakeNode;
let survey: Survey;

beforeEach(() => {
  node = new FakeNode();
  survey = new Survey(node.requests.ask);
});

it("looks around this computer, once at a time", () => {
  survey.begin();
  survey.begin("192.0.2.9");
  expect(node.of("look").map(({ address }) => address)).toEqual([undefined]);
  expect([survey.running, survey.where]).toEqual([true, ""]);
  node.answer("look", LOOKED);
  expect(survey.found).toMatchObject(LOOKED);
  expect([survey.running, survey.problem]).toEqual([false, ""]);
});

it("looks at the address that somebody typed, without the spaces around it", () => {
  survey.begin(" 192.0.2.9 ");
  expect(node.of("look").map(({ address }) => address)).toEqual(["192.0.2.9"]);
  expect(survey.where).toBe("192.0.2.9");
});

it("says why there is no answer, and begins anew after it", () => {
  survey.begin("nowhere");
  node.refuse("look", "unreachable", "Nobody answers there.");
  expect(survey.running).toBe(false);
  expect(survey.problem).toBe("Nobody answers there.");
  survey.begin();
  expect([survey.running, survey.problem]).toEqual([true, ""]);
  node.requests.lost();
  expect([survey.running, survey.found]).toEqual([false, null]);
});
