from pathlib import Path

from lanchat.identity import was_brought_back


class Settings:
    """Settings without a database."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def settings(self) -> dict[str, str]:
        return dict(self.kept)

    async def put_setting(self, key: str, value: str) -> None:
        self.kept[key] = value

    async def adopt(self, former: str, node: object) -> None:
        raise AssertionError


async def test_a_database_that_was_here_is_known_and_an_older_copy_of_it_is_not(tmp_path: Path) -> None:
    settings = Settings()
    assert not await was_brought_back(settings, tmp_path)
    assert not await was_brought_back(settings, tmp_path)
    copy = dict(settings.kept)
    assert not await was_brought_back(settings, tmp_path)
    settings.kept = copy
    assert await was_brought_back(settings, tmp_path)
    assert not await was_brought_back(settings, tmp_path)


async def test_a_database_without_its_file_was_brought_here(tmp_path: Path) -> None:
    settings = Settings()
    await was_brought_back(settings, tmp_path)
    file = tmp_path / "node.mark"
    assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()
    assert await was_brought_back(settings, tmp_path)
