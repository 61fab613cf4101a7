from lanchat.lan.machine.slumber import SLEPT, Slumber


class Clocks:
    def __init__(self) -> None:
        self.wall = self.monotonic = 100.0

    def pass_by(self, seconds: float, *, asleep: float = 0.0) -> None:
        self.monotonic += seconds
        self.wall += seconds + asleep


def test_a_sleep_is_noticed_once_and_small_corrections_are_none() -> None:
    clocks = Clocks()
    slumber = Slumber(lambda: clocks.wall, lambda: clocks.monotonic)
    clocks.pass_by(3_600)
    assert not slumber.over()
    clocks.pass_by(2, asleep=SLEPT - 1)
    assert not slumber.over()
    clocks.pass_by(2, asleep=8 * 3_600)
    assert slumber.over()
    clocks.pass_by(2)
    assert not slumber.over()
    clocks.pass_by(2, asleep=-3_600)
    assert not slumber.over(), "a clock that is put back is no sleep"


def test_the_clocks_of_this_machine_agree() -> None:
    assert not Slumber().over()
