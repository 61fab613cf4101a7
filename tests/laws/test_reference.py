"""The reference of the library is what its docstrings say now, and has every package."""

import importlib.util
from types import ModuleType

from tests.laws import sources

KEPT_FROM_USERS = {
    "lanchat.consumers.life": "what a consumer lives by, and its class does not show",
    "lanchat.layers.others": "`lanchat.layers` exports what is in it",
    "lanchat.layers.redis.connection": "the way to a server; the layers are what is used",
    "lanchat.layers.serializers": "`lanchat.layers` exports what is in it",
}


def generator() -> ModuleType:
    """Load assets/generate_reference.py, which is in no package."""
    path = sources.ROOT / "assets" / "generate_reference.py"
    spec = importlib.util.spec_from_file_location("generate_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = generator()


def stale(written: dict[str, str], generated: dict[str, str]) -> list[str]:
    """Say which pages are not what would be generated now."""
    names = sorted({*written, *generated})
    wrong = [name for name in names if written.get(name) != generated.get(name)]
    return [f"docs/library/reference/{name} is stale; run: python assets/generate_reference.py" for name in wrong]


def test_every_page_is_fresh() -> None:
    written = {path.name: path.read_text("utf-8") for path in REFERENCE.PAGES.glob("*.md")}
    sources.obeyed(stale(written, REFERENCE.pages()))


def test_every_package_of_the_library_has_its_page() -> None:
    packages = {
        name
        for name, _, package in sources.every()
        if package and name.startswith(("lanchat.layers", "lanchat.consumers"))
    }
    described = {f"lanchat.{name}" for name in REFERENCE.PACKAGES}
    assert packages - described == set(KEPT_FROM_USERS)


def test_everything_that_is_exported_is_described() -> None:
    modules = {name: module for name, module, _ in sources.every()}
    missing = []
    for package in REFERENCE.PACKAGES:
        exported = sources.exports(modules[f"lanchat.{package}"]) or []
        described = {thing.name for thing in REFERENCE.things(package)}
        missing += [
            f"lanchat.{package}.{name} is not described"
            for name in exported
            if name not in described and f"lanchat.{package}.{name}" not in modules
        ]
    sources.obeyed(missing)


def test_a_stale_page_is_found() -> None:
    page = REFERENCE.page("layers")
    assert "## `InMemoryChannelLayer`" in page
    assert "generate_reference" in stale({"layers.md": page + "x"}, {"layers.md": page})[0]
    assert len(stale({"gone.md": ""}, {"new.md": ""})) == 2
