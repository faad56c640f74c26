"""What the user's own record says is masked wherever the text repeats it."""

from __future__ import annotations

import pytest

from liveeval_assets.samples.entities import entity_pattern, mask_entities

RECORD = ["Crystal O'Minh", "cminh730@mail.example", "+44 20 1234567", "6821 1st ave, San Mateo", "AC-1234-5678", "王 美咲"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("i am CRYSTAL o'minh.", "i am [NAME]."),
        ("Crystal's order", "[NAME]'s order"),
        ("crystal\n  o'minh here", "[NAME] here"),
        ("write cminh730@mail.example", "write [EMAIL]"),
        ("my login is CMINH730", "my login is [ID]"),
        ("call +44-20-123 4567 now", "call [NUMBER] now"),
        ("account ac-1234-5678", "account [ID]"),
        ("send it to 6821 1st  AVE, san mateo", "send it to [ADDRESS]"),
        ("私は王 美咲です", "私は[NAME]です"),
        ("crystallography stays", "crystallography stays"),
    ],
)
def test_hits(text: str, masked: str) -> None:
    assert mask_entities(text, entity_pattern(RECORD))[0] == masked


def test_ordinary_words_of_a_name_stay_alone() -> None:
    pattern = entity_pattern(["Will Summers"], frozenset({"will"}))
    assert mask_entities("will you help will summers?", pattern)[0] == "will you help [NAME]?"


def test_nothing_known_nothing_masked() -> None:
    assert entity_pattern(["", "a"]) is None
    assert mask_entities("text", None) == ("text", 0)
