"""What the world writes must come out of an anonymiser as it went in, personal data apart."""

from __future__ import annotations

import re

import pytest
from wordfreq import zipf_frequency

from liveeval_assets.simulation import people, topics
from liveeval_assets.simulation.factbook import asked, family_of, find
from liveeval_assets.simulation.render import answer, question
from liveeval_assets.simulation.text import PERSONAL, canonical, fold, vocabulary

VARIANTS = [(s, v) for s, topic in enumerate(topics.TOPICS) for v in topic.variants]


def mask(text: str) -> str:
    """Mask capitalised words that are not very common, and every token with a digit or an @."""
    kept = []
    for token in text.split():
        bare = re.sub(r"\W", "", token)
        is_rare = bare[:1].isupper() and zipf_frequency(bare.lower(), "en") < 4.0
        kept.append(token.replace(bare, "[NAME]") if bare and (is_rare or not bare.isascii()) else "[NUMBER]" if re.search(r"[\d@]", token) else token)
    return " ".join(kept)


@pytest.mark.parametrize("family", topics.STYLES)
def test_answers_survive_masking_with_fact_and_style(family: str) -> None:
    for s, variant in VARIANTS:
        for is_good in (True, False):
            asks = question(1, s, variant, (variant.name,))
            text = answer(1, family, variant, is_good=is_good, length=300, where=(variant.name,))
            assert mask(text) == text
            assert find(asks, mask(text)).is_good is is_good
            assert family_of(mask(text)) == family


def test_questions_survive_masking_in_their_own_words() -> None:
    for s, variant in VARIANTS:
        person = people.user(3, s)
        for number, clause in enumerate(PERSONAL):
            fields = people.spoken(3, person, (variant.name, number))
            typed = question(1, s, variant, (variant.name, number), personal=clause.format(**fields))
            bare = question(1, s, variant, (variant.name, number), personal=re.sub(r"\{\w+\}", "[NAME]", clause))
            assert canonical(mask(typed)) == canonical(bare)
            assert asked(mask(typed)) == asked(bare) == (s, variant)


def test_no_personal_data_is_a_word_of_the_world() -> None:
    words = vocabulary() | set(fold(" ".join((*topics.FILLER, *sum(topics.STYLES.values(), ())))).split())
    words |= {w for _, v in VARIANTS for w in fold(" ".join((v.right, *v.wrongs))).split()}
    for number in range(400):
        customer = people.user(1, number).customer
        personal = set(fold(" ".join(v for k, v in customer.items() if k != "email")).split())
        assert not {w for w in personal if len(w) > 2} & words


def test_facts_tell_themselves_apart() -> None:
    facts = [f for _, v in VARIANTS for f in (v.right, *v.wrongs)]
    assert len(set(facts)) == len(facts)
    inside = [(a, b) for a in facts for b in facts if a != b and a in b]
    assert inside == []
    assert all(fold(f) == f for f in facts)
    assert not any(f in fold(" ".join(topics.FILLER)) for f in facts)


def test_answers_have_the_length_that_was_asked_for() -> None:
    for s, variant in VARIANTS:
        reference = topics.TOPICS[s].reference_length
        for ell in (-1.2, -0.6, 0.0, 0.35, 1.1, 2.0):
            wanted = round(reference * 2.718281828 ** (0.5 * ell))
            for family in topics.STYLES:
                text = answer(2, family, variant, is_good=s % 2 == 0, length=wanted, where=(variant.name, ell))
                assert abs(len(text) - wanted) <= 0.02 * wanted


def test_broken_answers_are_never_good() -> None:
    s, variant = VARIANTS[0]
    asks = question(1, s, variant, ("x",))
    good = answer(1, "aster", variant, is_good=True, length=240, where=("x",))
    other = answer(1, "aster", VARIANTS[-1][1], is_good=True, length=240, where=("x",))
    assert find(asks, good).is_good
    for text in ("", "   ", "...", good[:-5], good[: len(good) // 2], other, "I cannot help with that.", "[NAME]"):
        assert not find(asks, text).is_good
    assert find(asks, "").defect == "incomplete"
    assert find(asks, other).defect == "off_topic"
    assert find("what is the weather like?", good).defect == "off_topic"
    # a right fact beside a wrong one does not save the answer
    assert not find(asks, f"{variant.wrongs[0]}. {variant.right}.").is_good
