import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import InvalidFrame
from lanchat.protocol import MAX_INVITATION, Rule, proof_of, read_rule, room_id, ticket_of, write_rule


@pytest.mark.parametrize(
    "rule",
    [
        Rule(change="door", door="passphrase"),
        Rule(change="ban", person="x" * 43, address=True),
        Rule(change="slow", seconds=3_600),
        Rule(change="continues", seconds=10),
        Rule(change="continues", seconds=86_400),
        Rule(change="continues"),
        Rule(change="locked", on=False),
        Rule(change="topic", text='"' * 200),
        Rule(change="hide", person="g-" + "0" * 32, since=1_700_000_000_000),
        Rule(change="invite", ticket="0a" * 32, single=True, seconds=MAX_INVITATION),
        Rule(change="revoke", ticket="0a" * 32),
        Rule(change="admit", person="x" * 43, proof="0a" * 32),
        Rule(change="admit", person="x" * 43),
    ],
)
def test_a_rule_reads_as_it_was_written(rule: Rule) -> None:
    assert read_rule(write_rule(rule)) == rule


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"change":"burn"}', '{"change":"door","door":"none"}', '{"change":"mute"}',
        '{"change":"locked","person":"ada"}', '{"change":"slow","seconds":-1}', '{"change":"slow","seconds":3601}',
        '{"change":"continues","seconds":9}', '{"change":"continues","seconds":86401}',
        '{"change":"slow","seconds":1.5}', '{"change":"hide","person":"ada","since":-1}',
        '{"change":"locked","more":1}', '{"change":"ban","person":"' + "x" * 65 + '"}', " " * 601,
        '{"change":"name"}', '{"change":"name","text":" x"}', '{"change":"name","text":"' + "x" * 41 + '"}',
        '{"change":"topic","text":"a\\u202eb"}', '{"change":"topic","text":"a\\nb"}',
        '{"change":"slow","text":"x"}', '{"change":"topic","text":"' + "x" * 201 + '"}',
        '{"change":"locked","on":"yes"}', "[" * 400, '{"change":"invite"}', '{"change":"locked","seconds":1}',
        f'{{"change":"invite","ticket":"{"0a" * 32}","seconds":{MAX_INVITATION + 1}}}',
        f'{{"change":"revoke","ticket":"{"0A" * 32}"}}', f'{{"change":"mute","person":"ada","ticket":"{"0a" * 32}"}}',
        '{"change":"admit"}', '{"change":"admit","person":"ada","proof":"0a"}',
        '{"change":"admit","person":"ada","on":false}', f'{{"change":"mute","person":"ada","proof":"{"0a" * 32}"}}',
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(InvalidFrame, match="rule: "):
        read_rule(text)


@given(st.text(max_size=500))
def test_any_text_is_a_rule_or_is_refused(text: str) -> None:
    try:
        rule = read_rule(text)
    except InvalidFrame:
        return
    assert read_rule(write_rule(rule)) == rule


def test_a_rooms_id_is_made_from_its_owner_and_a_salt() -> None:
    made = room_id("o" * 43, "5" * 32)
    assert made == hashlib.sha256(f"lanchat room 1\n{'o' * 43}\n{'5' * 32}".encode()).hexdigest()[:32]
    assert made not in {room_id("p" * 43, "5" * 32), room_id("o" * 43, "6" * 32)}


def test_neither_an_invitation_nor_its_proof_says_the_code() -> None:
    proof = proof_of("code")
    assert proof == hashlib.sha256(b"lanchat invitation 1\ncode").hexdigest()
    assert ticket_of(proof) == hashlib.sha256(f"lanchat ticket 1\n{proof}".encode()).hexdigest()
    assert len({proof_of("\ud800"), proof_of(""), proof, ticket_of(proof)}) == 4


def test_only_unite_names_another_room_and_both_its_id_and_the_salt() -> None:
    half = "0" * 32
    assert read_rule(write_rule(Rule(change="unite", into=half, salt=half))).into == half
    for wrong in (
        Rule(change="unite"),
        Rule(change="unite", into=half),
        Rule(change="unite", into="x" * 32, salt=half),
        Rule(change="locked", into=half),
        Rule(change="locked", salt=half),
    ):
        with pytest.raises(InvalidFrame, match="unite"):
            read_rule(write_rule(wrong))
