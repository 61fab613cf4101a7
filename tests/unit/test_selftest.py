import functools
import re
from pathlib import Path

import pytest

from lanchat import selftest
from lanchat.errors import SelfTestFailed
from lanchat.web import page
from tests.support.programs import lanchat
from tests.support.terminal import lanchat_inside


def test_from_source_everything_works(tmp_path: Path, data_dir: Path) -> None:
    with lanchat(tmp_path / "home", data_dir, "selftest") as program:
        assert program.ends(120) == 0, program.out + program.err
        *checks, total = program.out.splitlines()
        assert len(checks) > 5
        assert all(re.fullmatch(r"✓ .+ \(\d+ ms\)", check) for check in checks), program.out
        assert total.startswith(f"{len(checks)} of {len(checks)} checks passed")


async def test_a_part_that_does_not_work_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken() -> None:
        raise RuntimeError("out of order")

    async def works(*_: object) -> None:
        pass

    for name in ("_metadata", "_entry_points", "_node", "_restart"):
        monkeypatch.setattr(selftest, name, works)
    monkeypatch.setattr(selftest, "_layer", broken)
    with pytest.raises(SelfTestFailed, match="4 of 5 checks passed"):
        await selftest.run()
    assert "✗ the in-memory channel layer: RuntimeError: out of order" in capsys.readouterr().out


def test_a_missing_page_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "routes", functools.partial(page.routes, tmp_path))
    done = lanchat_inside("selftest")
    assert done.code == 1
    assert [line for line in done.lines if line.startswith("✗ the page and its program: ")]
    assert "checks passed" in done.err
