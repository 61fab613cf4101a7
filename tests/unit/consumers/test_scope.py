"""What a path holds is in the scope as Django says it and as Starlette says it."""

from lanchat.consumers.scope import Scope, routed


def test_what_starlette_has_found_is_there_as_django_has_it() -> None:
    scope: Scope = {"path_params": {"room_name": "general"}}
    assert routed(scope) is scope
    assert scope["url_route"] == {"args": (), "kwargs": {"room_name": "general"}}


def test_what_django_has_found_is_there_as_starlette_has_it() -> None:
    scope: Scope = {"url_route": {"args": (), "kwargs": {"room_name": "general"}}}
    assert routed(scope)["path_params"] == {"room_name": "general"}
    assert routed({"url_route": {}})["path_params"] == {}


def test_what_is_there_stays_and_a_path_that_holds_nothing_is_let_be() -> None:
    scope: Scope = {"path_params": {"a": "1"}, "url_route": {"args": ("x",), "kwargs": {}}}
    assert routed(scope) == {"path_params": {"a": "1"}, "url_route": {"args": ("x",), "kwargs": {}}}
    assert routed({"path": "/"}) == {"path": "/"}
