import pytest

from lanchat.limits import Addresses, Flow, Limits

LOW = Limits(frame_rate=10, frame_burst=5, byte_rate=1000, byte_burst=4000, address_share=2)


def test_frames_beyond_the_burst_wait_for_their_time() -> None:
    flow = Flow(Addresses(LOW), "10.0.0.1")
    assert [round(flow.take(1, 0), 3) for _ in range(7)] == [0, 0, 0, 0, 0, 0.1, 0.2]
    assert flow.take(1, 10) == 0


def test_bytes_beyond_the_burst_wait_for_their_time() -> None:
    flow = Flow(Addresses(LOW), "10.0.0.1")
    assert [flow.take(1992, 0) for _ in range(3)] == [0, 0, pytest.approx(2.0)]


def test_many_connections_of_one_address_share_what_it_has() -> None:
    addresses = Addresses(LOW)
    waits = [max(flow.take(1, 0) for _ in range(5)) for flow in [Flow(addresses, "10.0.0.1") for _ in range(4)]]
    assert waits == pytest.approx([0, 0, 0.25, 0.5])
    assert Flow(addresses, "10.0.0.2").take(1, 0) == 0
