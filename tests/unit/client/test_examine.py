"""What a program finds out without a node."""

from pathlib import Path

import msgspec

from lanchat.client.examine import diagnose
from lanchat.client.find import Lookup
from lanchat.config import Config


async def test_a_program_on_loopback_says_that_it_keeps_to_this_machine(config: Config, tmp_path: Path) -> None:
    away = msgspec.structs.replace(config, data_dir=tmp_path / "away", bind="127.0.0.1")
    diagnosis = await diagnose(Lookup(config=away, wait=0.1))
    assert [finding.cause for finding in diagnosis.findings] == ["bind_loopback"]
    assert diagnosis.tried[0] == "Looked for rooms from 127.0.0.1."
