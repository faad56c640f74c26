"""Names, numbers and addresses go; ordinary text stays."""

from __future__ import annotations

import pytest

from liveeval_assets.samples.allow_list import mask_unlisted
from liveeval_assets.samples.vocabulary import load_vocabulary


def masked(text: str) -> str:
    """The text after the layer."""
    return mask_unlisted(text, load_vocabulary())[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("My name is Faina D. Yefremova.", "My name is [NAME]."),
        ("my name is zanthor quillfeather and i need help", "my name is [NAME] and i need help"),
        ("hi, i am jennifer, where is my parcel", "hi, i am [NAME], where is my parcel"),
        ("MY NAME IS JENNIFER KOWALCZYK", "MY NAME IS [NAME]"),
        ("Will Mark call me back?", "Will [NAME] call me back?"),
        ("ask O'Brien about it", "ask [NAME] about it"),
        ("Jоhn with a foreign o", "[NAME] with a foreign o"),
        ("My order is 4821.", "My order is [NUMBER]."),
        ("born 12/03/1985 at home", "born [NUMBER] at home"),
        ("it is 5 5 5 1 2 3 4 there", "it is [NUMBER] there"),
        ("paid $99.99 4111 there", "paid [NUMBER] there"),
        ("user cminh730 wrote", "user [ID] wrote"),
        ("I live at 4150 great america parkway, suite 12", "I live at [ADDRESS]"),
        ("he is a 85 year old man", "he is a [NUMBER] year old man"),
        ("We flew to Denmark from Reykjavik", "We flew to [PLACE] from [PLACE]"),
    ],
)
def test_personal_data_goes(text: str, wanted: str) -> None:
    assert masked(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Will you refund the order? It's late, and I don't know why. May I ask for help?",
        "Please reset my password at 10:30 on Monday; it costs $1,190.50 or 20 % more.",
        "the router light is red and the wifi is slow since the storm",
        "I'm sure it won't work. They're closed in March, we'll see in 2 days.",
        "Go to Settings, open the Account page and choose English.",
        "24/7 support for mp3 and 4k",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert masked(text) == text


def test_masks_of_earlier_layers_are_left_alone() -> None:
    assert masked("write to [EMAIL] or [NAME] now") == "write to [EMAIL] or [NAME] now"


def test_a_mask_typed_by_a_user_hides_nothing() -> None:
    assert "Yefremova" not in masked("[NAMEX] Yefremova [JOHN]")
