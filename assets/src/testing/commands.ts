import type { Command } from "../wire/protocol";

export type CommandOf<T extends Command["type"]> = Extract<Command, { type: T }>;

/** The commands that a test's node was sent. What they say is looked at without the refs, which answers need. */
export class CommandLog {
  readonly sent: Command[] = [];

  of<T extends Command["type"]>(type: T): CommandOf<T>[] {
    return this.#all(type).map(withoutRef);
  }

  get last(): Command | undefined {
    const last = this.sent.at(-1);
    return last === undefined ? undefined : withoutRef(last);
  }

  /** Return the ref of the newest command of a type, or of another one of it, counted from the oldest. */
  refOf(type: Command["type"], index = -1): number {
    return this.#all(type).at(index)?.ref ?? 0;
  }

  #all<T extends Command["type"]>(type: T): CommandOf<T>[] {
    return this.sent.filter((command): command is CommandOf<T> => command.type === type);
  }
}

function withoutRef<C extends Command>(command: C): C {
  const copy = { ...command };
  delete copy.ref;
  return copy;
}
