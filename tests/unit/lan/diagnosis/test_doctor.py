"""Whom a node asks, and that one examination runs at a time."""

import asyncio
import types
from typing import Any, cast

import pytest

from lanchat.identity import TwinWatch
from lanchat.journal import RoomRecord
from lanchat.lan.diagnosis import Doctor
from lanchat.lan.diagnosis import doctor as module
from lanchat.lan.diagnosis.examination import Patient
from lanchat.lan.diagnosis.facts import Facts
from lanchat.lan.discovery import Discovery, FoundRoom
from lanchat.rooms import Room
from tests.support.lan.facts import HERE, LOOPBACK, THERE, facts, witness

FOUND = FoundRoom("1" * 32, "general", THERE, ("192.0.2.9", "2001:db8::9"), 28_280, 1)


def seen(**more: Any) -> Discovery:
    return cast(
        "Discovery",
        types.SimpleNamespace(**{"found": {}, "port": 28_280, "announces": True, "hears": lambda node: True} | more),
    )


def mirror(*addresses: str, kind: str = "mirror") -> Room:
    record = RoomRecord(id="2" * 32, name="lab", home=THERE, addresses=addresses)
    return cast("Room", types.SimpleNamespace(kind=kind, record=record))


@pytest.fixture
def patients(monkeypatch: pytest.MonkeyPatch) -> list[Patient]:
    """Who was examined; each is well but for a closed port."""
    examined: list[Patient] = []

    async def examine(patient: Patient) -> Facts:
        examined.append(patient)
        return facts(witnesses=(witness(reaches=False),))

    monkeypatch.setattr(module, "examine", examine)
    return examined


async def test_the_found_and_the_homes_of_mirrors_are_asked(patients: list[Patient]) -> None:
    rooms = [mirror("192.0.2.8:1"), mirror(), mirror("192.0.2.7:1", kind="home")]
    diagnosis = await Doctor(HERE, seen(found={FOUND.id: FOUND}), rooms, "192.0.2.5").diagnose()
    assert [finding.cause for finding in diagnosis.findings] == ["port_closed"]
    assert diagnosis.tried
    (patient,) = patients
    assert (patient.node, patient.port, patient.bind, patient.announces) == (HERE, 28_280, "192.0.2.5", True)
    assert [(each.addresses, each.found) for each in patient.known] == [
        (("192.0.2.9:28280", "[2001:db8::9]:28280"), True),
        (("192.0.2.8:1",), False),
    ]


async def test_where_no_node_runs_no_port_is_tried(patients: list[Patient]) -> None:
    nobody = type(HERE)(id="", name="")
    await Doctor(nobody, seen(), ()).diagnose()
    assert patients[0].port == 0


async def test_one_examination_runs_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0

    async def examine(_: Patient) -> Facts:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        await asyncio.sleep(0)
        running -= 1
        return facts(LOOPBACK)

    monkeypatch.setattr(module, "examine", examine)
    doctor = Doctor(HERE, seen(), ())
    diagnoses = await asyncio.gather(*(doctor.diagnose() for _ in range(5)))
    assert most == 1
    assert {diagnosis.findings[0].cause for diagnosis in diagnoses} == {"no_network"}


async def test_a_twin_that_was_seen_is_told(patients: list[Patient]) -> None:
    async def tell(_: str) -> None:
        pass

    twins = TwinWatch(tell)
    await Doctor(HERE, seen(), (), twins=twins).diagnose()
    await twins.answered("192.0.2.10", "another run")
    await Doctor(HERE, seen(), (), twins=twins).diagnose()
    assert [patient.twin for patient in patients] == ["", "192.0.2.10"]
