"""Presidio's recognisers, called one by one, in bounded time and without the network."""

from __future__ import annotations

import logging
import time

import pytest

from liveeval_assets.samples import patterns
from liveeval_assets.samples.patterns import DetectorError, mask_patterns


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("mail bob.smith@corp.internal now", "[EMAIL]"),
        ("card 4454 7945 1139 0933 expired", "[CARD]"),
        ("iban GB29NWBK60161331926819 ok", "[IBAN]"),
        ("from 10.20.30.40 today", "[IP]"),
        ("call +1 (212) 555-0199 please", "[PHONE]"),
        ("mac 00:1B:44:11:3A:B7 of it", "[ID]"),
        ("see https://example.com/u/anna?x=1 there", "[URL]"),
        ("see anna-smith.co.uk there", "[URL]"),
    ],
)
def test_each_pattern(text: str, mask: str) -> None:
    found, n = mask_patterns(text)
    assert found.split()[1] == mask or found.split()[0] == mask
    assert n == 1


def test_prose_is_no_address() -> None:
    text = "thanks.it works at 10:30, version 1.2; done.in time"
    assert mask_patterns(text) == (text, 0)


def test_a_hit_on_the_border_of_two_chunks_is_found() -> None:
    for shift in range(0, 40, 3):
        text = "word " * ((patterns.CHUNK - 20) // 5) + "x" * shift + " anna.meyer@example.org " + "word " * 50
        assert "example" not in mask_patterns(text)[0]


@pytest.mark.parametrize("unit", ["a.", "::1", "1 ", "a@", "1-", "@a.", "+1 ", "1:"])
def test_hostile_text_is_searched_in_bounded_time(unit: str) -> None:
    started = time.perf_counter()
    mask_patterns((unit * 20_000)[:20_000])
    assert time.perf_counter() - started < 10


def test_a_skipped_pattern_refuses_the_text() -> None:
    mask_patterns("load 12345678901234")
    with pytest.raises(DetectorError):
        logging.getLogger("presidio-analyzer").warning("Regex pattern '%s' timed out after %s seconds, skipping.", "x", 1)
