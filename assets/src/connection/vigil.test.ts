import { expect, test } from "vitest";
import { AGAIN, SILENT, Vigil } from "./vigil";

class Watched {
  heard = 0;
  wanted = true;
  gone = 0;
  asked: { answer: () => void; fail: () => void }[] = [];
  readonly vigil = new Vigil({
    heardAt: () => this.heard,
    wanted: () => this.wanted,
    probe: () => new Promise<void>((answer, fail) => this.asked.push({ answer, fail: () => fail(new Error("silent")) })),
    onGone: () => (this.gone += 1),
  });

  async told(how: "answer" | "fail"): Promise<void> {
    this.asked.at(-1)![how]();
    await Promise.resolve();
    await Promise.resolve();
  }
}

test("a node that is silent is asked once, and is there as long as it answers", async () => {
  const here = new Watched();
  here.vigil.tick(SILENT - 1);
  expect(here.asked).toHaveLength(0);
  here.vigil.tick(SILENT);
  here.vigil.tick(SILENT + 1);
  expect(here.asked).toHaveLength(1);
  await here.told("answer");
  here.vigil.tick(2 * SILENT - 1);
  expect(here.asked).toHaveLength(1);
  here.vigil.tick(2 * SILENT);
  expect([here.asked.length, here.gone]).toEqual([2, 0]);
});

test("one that does not answer is gone, and again only after a while", async () => {
  const here = new Watched();
  here.vigil.tick(SILENT);
  await here.told("fail");
  expect(here.gone).toBe(1);
  const [first, longest] = AGAIN;
  here.vigil.tick(SILENT + first - 1);
  expect(here.asked).toHaveLength(1);
  here.vigil.tick(SILENT + first);
  await here.told("fail");
  expect(here.gone).toBe(2);
  here.vigil.tick(SILENT + 3 * first - 1);
  expect(here.asked).toHaveLength(2);
  let now = SILENT + 3 * first;
  for (let times = 0; times < 9; times += 1, now += longest) {
    here.vigil.tick(now);
    await here.told("fail");
  }
  expect(here.gone).toBe(11);
});

test("one that has come back and is gone again is not waited for longer", async () => {
  const here = new Watched();
  here.vigil.tick(SILENT);
  await here.told("fail");
  here.heard = SILENT + 100;
  here.vigil.tick(2 * SILENT + 100);
  await here.told("fail");
  expect(here.gone).toBe(2);
});

test("one that speaks while it is asked is there", async () => {
  const here = new Watched();
  here.vigil.tick(SILENT);
  here.heard = SILENT + 1;
  await here.told("fail");
  expect(here.gone).toBe(0);
});

test("nobody is asked where nothing can be done", () => {
  const here = new Watched();
  here.wanted = false;
  here.vigil.tick(SILENT);
  expect(here.asked).toHaveLength(0);
});
