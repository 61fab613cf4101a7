import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WELCOME } from "../testing/events";
import { FakeWebSocket } from "../testing/socket";
import { VERSION, type Hello } from "../wire/protocol";
import { PICTURE, Refusal, Socket, type SocketOptions } from "./socket";

const HELLO: Hello = { type: "hello", version: VERSION, client: "guest", secret: "a".repeat(32), nick: "Ana" };

function setUp(more: Partial<SocketOptions> = {}) {
  const sockets: FakeWebSocket[] = [];
  const states: string[] = [];
  const heard: string[] = [];
  const socket = new Socket({
    hello: () => Promise.resolve(HELLO),
    reach: () => Promise.resolve(),
    open: () => {
      sockets.push(new FakeWebSocket());
      return sockets.at(-1)!;
    },
    onReply: ({ type }) => heard.push(type),
    onChange: ({ state }) => states.push(state),
    random: () => 1,
    ...more,
  });
  const connect = async (): Promise<FakeWebSocket> => {
    await vi.advanceTimersByTimeAsync(0);
    const ws = sockets.at(-1)!;
    ws.onopen?.();
    ws.deliver(WELCOME);
    return ws;
  };
  return { socket, sockets, states, heard, connect };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("socket", () => {
  it("says hello first and is ready with the welcome", async () => {
    const { socket, states, heard, connect } = setUp();
    socket.start();
    const ws = await connect();
    expect(ws.sent).toEqual([HELLO]);
    expect(states).toEqual(["connecting", "ready"]);
    expect(heard).toEqual(["welcome"]);
  });

  it("comes back soon to a node that sends it on, however often others rebuffed it", async () => {
    const { socket, sockets, connect } = setUp();
    let sentOn = 0;
    const { socket: watched, connect: come } = setUp({ onSentOn: () => (sentOn += 1) });
    for (const each of [socket, watched]) each.start();
    await connect();
    const last = await come();
    last.onclose?.({ code: 1012 });
    expect(sentOn).toBe(1);
    sockets[0]!.onclose?.({ code: 1006 });
    expect(sentOn).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await come()).sent).toEqual([HELLO]);
  });

  it("sends nothing before the welcome and nothing after the end", async () => {
    const { socket, sockets, connect } = setUp();
    expect(socket.send({ type: "join", room: "r" })).toBe(false);
    socket.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.send({ type: "join", room: "r" })).toBe(false);
    await connect();
    expect(socket.send({ type: "join", room: "r" })).toBe(true);
    sockets[0]!.onclose?.();
    expect(socket.send({ type: "join", room: "r" })).toBe(false);
  });

  it("looks about once a second for a node that does not answer, however long that takes, and opens no socket", async () => {
    let [asked, there] = [0, false];
    const reach = () => {
      asked += 1;
      return there ? Promise.resolve() : Promise.reject(new TypeError("network"));
    };
    const { socket, sockets, connect } = setUp({ reach });
    socket.start();
    await connect();
    await vi.advanceTimersByTimeAsync(10_000);
    sockets[0]!.onclose?.();
    await vi.advanceTimersByTimeAsync(600_000);
    expect([asked, sockets.length]).toEqual([600, 1]);
    there = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets.length).toBe(2);
  });

  it("comes back with growing waits, at most half a minute apart, to a node that answers and lets nobody in", async () => {
    const { socket, sockets } = setUp();
    socket.start();
    await vi.advanceTimersByTimeAsync(0);
    // Of the first one nobody knows whether the node answered.
    for (const wait of [1000, 1000, 2000, 4000, 8000, 16000, 30000, 30000]) {
      const tries = sockets.length;
      sockets.at(-1)!.onclose?.();
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(sockets.length).toBe(tries);
      await vi.advanceTimersByTimeAsync(1);
      expect(sockets.length).toBe(tries + 1);
    }
  });

  it("never comes back at once, even with the least random wait", async () => {
    const { socket, sockets } = setUp({ random: () => 0 });
    socket.start();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]!.onclose?.();
    await vi.advanceTimersByTimeAsync(299);
    expect(sockets.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets.length).toBe(2);
  });

  it("begins with the short wait again after a steady connection, and only then", async () => {
    const { socket, sockets, connect } = setUp();
    socket.start();
    await connect();
    for (const wait of [1000, 2000, 4000]) {
      const tries = sockets.length;
      sockets.at(-1)!.onclose?.();
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(sockets.length).toBe(tries);
      await vi.advanceTimersByTimeAsync(1);
      await connect();
    }
    await vi.advanceTimersByTimeAsync(5_001);
    const tries = sockets.length;
    sockets.at(-1)!.onclose?.();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets.length).toBe(tries + 1);
  });

  it("takes silence for the end, and any frame for life", async () => {
    const { socket, sockets, states, connect } = setUp();
    socket.start();
    const ws = await connect();
    for (let beats = 0; beats < 5; beats += 1) {
      await vi.advanceTimersByTimeAsync(24_999);
      ws.deliver({ type: "heartbeat", tops: {} });
    }
    expect(states.at(-1)).toBe("ready");
    await vi.advanceTimersByTimeAsync(25_000);
    expect(states.at(-1)).toBe("waiting");
    expect(ws.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets.length).toBe(2);
  });

  it("also gives up a connection that never welcomes", async () => {
    const { socket, sockets } = setUp();
    socket.start();
    await vi.advanceTimersByTimeAsync(26_000);
    expect(sockets.length).toBe(2);
  });

  it("hears nothing more from a connection that it gave up", async () => {
    const { socket, heard, connect } = setUp();
    socket.start();
    const ws = await connect();
    const late = ws.onmessage;
    await vi.advanceTimersByTimeAsync(25_000);
    expect(ws.onmessage).toBeNull();
    expect(late).not.toBeNull();
    expect(heard).toEqual(["welcome"]);
  });

  it("stops for good when the node refuses the hello", async () => {
    const { socket, sockets, states } = setUp();
    socket.start();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]!.deliver({ type: "error", code: "unauthorised", message: "No.", retry: false });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets.length).toBe(1);
    expect(states.at(-1)).toBe("refused");
  });

  it("stops for good when the door refuses, and tries again when it does not answer", async () => {
    const answers = [new TypeError("network"), new Refusal("unauthorised", "No.")];
    const { socket, sockets, states } = setUp({ hello: () => Promise.reject(answers.shift()!) });
    socket.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toBe("waiting");
    await vi.advanceTimersByTimeAsync(120_000);
    expect(states.at(-1)).toBe("refused");
    expect(sockets.length).toBe(0);
  });

  it("tries at once when it is nudged", async () => {
    const { socket, sockets } = setUp();
    socket.start();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]!.onclose?.();
    socket.nudge();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets.length).toBe(2);
    socket.nudge();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets.length).toBe(2);
  });

  it("leaves nothing running when it stops", async () => {
    const { socket, sockets, connect } = setUp();
    socket.start();
    await connect();
    socket.stop();
    expect(sockets[0]!.closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("handles what comes at once together, in order, and a single frame without a wait", async () => {
    const { socket, heard, connect } = setUp();
    socket.start();
    const ws = await connect();
    await vi.advanceTimersByTimeAsync(PICTURE);
    ws.deliver({ type: "heartbeat", tops: {} });
    expect(heard).toEqual(["welcome", "heartbeat"]);
    ws.deliver({ type: "rooms", rooms: [] });
    ws.deliver({ type: "start_over", room: "r", top: 0 });
    expect(heard.length).toBe(2);
    await vi.advanceTimersByTimeAsync(PICTURE);
    expect(heard).toEqual(["welcome", "heartbeat", "rooms", "start_over"]);
    ws.deliver({ type: "heartbeat", tops: {} });
    ws.deliver({ type: "heartbeat", tops: {} });
    ws.onclose?.();
    await vi.advanceTimersByTimeAsync(PICTURE);
    expect(heard.length).toBe(4);
    await vi.advanceTimersByTimeAsync(1000);
    await connect();
    expect(heard.slice(4)).toEqual(["welcome"]);
  });

  it("ignores what is no frame", async () => {
    const { socket, heard, connect } = setUp();
    socket.start();
    const ws = await connect();
    for (const data of ["{", "[]", "null", '{"type":1}', new ArrayBuffer(1)]) ws.onmessage?.({ data });
    expect(heard).toEqual(["welcome"]);
  });
});
