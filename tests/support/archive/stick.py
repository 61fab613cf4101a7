"""A room that goes from one node to another on a stick, and files in which something was altered."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lanchat.archive.carrying import LivingBranches, open_branch
from lanchat.archive.exporting import export_room
from lanchat.archive.progress import Progress
from lanchat.archive.store import NamedFile
from lanchat.identity import Seal
from lanchat.journal import Reader
from lanchat.protocol import Event
from tests.support.rooms.company import Company

Line = dict[str, Any]
TEXTS = ["one", "two", "three"]


async def carry(nodes: Company, name: str) -> Path:
    """Write the room of a node into a file."""
    node, path = nodes.servers[name].node, nodes.tmp_path / f"from {name}.jsonl"

    def write() -> None:
        with Reader(node.journal.path) as reader:
            export_room(reader, nodes.room, "jsonl", NamedFile(path), Progress(), seal=node.owner.seal)

    await asyncio.to_thread(write)
    return path


async def opened(nodes: Company, name: str, path: Path, progress: Progress | None = None) -> str:
    """Open a file at a node."""
    node = nodes.servers[name].node
    target = LivingBranches(node.info, node.rooms, node.journal)
    return str(await asyncio.to_thread(open_branch, path, target, progress or Progress()))


async def history(nodes: Company, name: str) -> list[Event]:
    return await nodes.servers[name].node.journal.after(nodes.room, 0, 10_000)


def altered(path: Path, change: Callable[[list[Line]], object], seal: Seal | None = None) -> None:
    """Change lines of a file; with a seal, make its end fit them again, as somebody who cheats would."""
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    change(lines)
    head = b"".join(_dumped(line) for line in lines[:-1])
    if seal is not None:
        digest, room = hashlib.sha256(head).hexdigest(), lines[0]["room"]
        lines[-1] |= {"count": len(lines) - 2, "sha256": digest, "by": seal.id, "signature": seal.carry(room, digest)}
    path.write_bytes(head + _dumped(lines[-1]))


def _dumped(line: Line) -> bytes:
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
