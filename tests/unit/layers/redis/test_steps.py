from lanchat.layers.redis.connection import servers_of
from lanchat.layers.redis.steps import literally, scanning
from tests.support.redis.servers import RedisServer

TRICKY = "a*b?[c]\\-^"


def test_text_in_a_glob_is_itself() -> None:
    assert literally(TRICKY) == r"a\*b\?\[c\]\\\-\^"


def test_all_keys_that_match_are_found_once(server: RedisServer) -> None:
    wanted = sorted([TRICKY.encode() + str(number).encode() for number in range(3000)])
    server.ask("MSET", *(each for key in wanted for each in (key, "x")), "aXb", "x")
    [redis_server] = servers_of([server.url], 5)
    steps = scanning(1, literally(TRICKY) + "*")
    asked = next(steps)
    found: list[bytes] = []
    while not found:
        [(index, commands)] = asked
        assert index == 1
        try:
            asked = steps.send([redis_server.ask_blocking(commands)])
        except StopIteration as end:
            found = end.value
    assert found == wanted
