"""Forms where they are wanted."""

import pytest

from lanchat.layers import register_serializer
from lanchat.layers.serializers import form_of, own_form_of, registry
from tests.support.layers.serializing import OWN, Complex


def test_only_what_the_program_has_registered_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    register_serializer(OWN, Complex())
    assert form_of("") is own_form_of("") is own_form_of("json") is own_form_of("nowhere") is None
    for form in (form_of("json"), form_of(OWN), own_form_of(OWN)):
        assert form is not None
        assert form.decode(b'{"type": "t"}') == {"type": "t"}
