"""What all ways to Redis have in common."""

import pytest
from redis.exceptions import MovedError, NoPermissionError, ResponseError, TryAgainError

from lanchat.layers import LayerError, LayerUnreachable
from lanchat.layers.redis.connection import Pipeline, servers_of


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (NoPermissionError("no"), LayerError, "right to do that"),
        (ResponseError("no"), LayerError, "refused: no"),
        (MovedError("7 h:1"), LayerUnreachable, "begins with cluster://"),
        (TryAgainError("no"), LayerUnreachable, "just now"),
    ],
)
def test_an_error_among_replies_is_raised_with_where_it_comes_from(
    error: ResponseError, kind: type, sentence: str
) -> None:
    way = Pipeline(servers_of(["redis://h:7"], 1)[0])
    assert way.checked([1, b"x"]) == [1, b"x"]
    with pytest.raises(LayerError, match=f"Redis at h:7 .*{sentence}") as raised:
        way.checked([1, error])
    assert type(raised.value) is kind
