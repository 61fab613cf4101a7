"""The page's types of the protocol are those that the protocol has now."""

import importlib.util
from types import ModuleType

from tests.laws.sources import ROOT


def generator() -> ModuleType:
    """Load assets/generate_wire.py, which is in no package."""
    spec = importlib.util.spec_from_file_location("generate_wire", ROOT / "assets" / "generate_wire.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stale(written: str, generated: str) -> str:
    """Say what to do when the file is not what would be generated now."""
    return "" if written == generated else "assets/src/wire/protocol.ts is stale; run: python assets/generate_wire.py"


def test_the_types_are_fresh() -> None:
    written = (ROOT / "assets" / "src" / "wire" / "protocol.ts").read_text("utf-8")
    assert stale(written, generator().wire_types()) == ""


def test_a_stale_file_is_found() -> None:
    generated = generator().wire_types()
    assert "interface Post" in generated
    assert "generate_wire" in stale(generated.replace("nonce", "once"), generated)
