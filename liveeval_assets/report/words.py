"""What the lines of the ladder, the bars and the measures are called on the page, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

UNIDENTIFIED = "not_identified"


@dataclass(frozen=True)
class Words:
    """A title and what it means."""

    title: str
    plain: str


COMPONENTS: dict[str, Words] = {
    "position": Words("Position", "who is shown first"),
    "verbosity": Words("Verbosity", "longer looks better"),
    "self_pref": Words("Self-preference", "the judge's own kin"),
    "false_pass": Words("False passes", "bad answers passed"),
    "false_fail": Words("False fails", "good answers failed"),
    "contamination": Words("Contamination", "items seen in training"),
    "mix": Words("Mix", "what users ask shifted"),
    "within": Words("Within topics", "the same topics got harder or stale"),
    "uncovered": Words("Uncovered", "traffic that the test set has no items for"),
    "construct": Words("Construct", "quality that does not move the outcome"),
    "selection": Words("Selection", "who gives feedback"),
    UNIDENTIFIED: Words("Not identified", "what the data at hand cannot tell apart"),
}

ASSUMPTIONS: dict[str, str] = {
    "refuter_rates_unknown": "too few controls tell how often the refuter is right",
    "attacks_incomplete": "too many passes have no scored attack",
    "rater_error_unknown": "raters are taken at their word, too few answers were rated twice",
    "labels_incomplete": "some answers could not have been labelled",
    "interval_unknown": "a score was imported without an interval",
}

BARS: dict[str, Words] = {
    "judge": Words("The judge flatters", "It errs in favour of what it is shown: first place, length, kin, bad answers passed."),
    "test_set": Words("The test set is not production", "Its items leaked, or users ask other things now, or the same things got harder."),
    "construct": Words("Quality is not the outcome", "Answers got better or worse in ways that do not move the outcome."),
    "selection": Words("Who answered", "The users whose outcome is seen differ from those whose outcome is not."),
    UNIDENTIFIED: Words("Not identified", "The data at hand cannot say where this part belongs."),
}

MEASURES: dict[str, str] = {
    "naive": "naive judge, one order",
    "agreed": "naive judge, both orders agree",
    "panel": "panel judge",
    "audited": "panel passes that survived refutation",
    "corrected": "corrected by human labels",
    "north_star": "north star",
    "north_star_ipw": "north star, weighted for who answered",
    "past_score": "score published before this project",
}

HEALTH: dict[str, str] = {
    "position_delta": "passes gained by being asked in the first order",
    "consistency_rate": "verdicts that both orders agree on",
    "unscored_rate": "verdicts lost to failed calls",
    "pass_rate": "answers passed",
    "length_slope": "passes gained per standard deviation of length",
    "null_pass_rate": "empty or constant answers passed",
    "refuted_rate": "passes refuted with evidence",
    "void_rate": "attacks without evidence that can be verified",
    "catch_rate": "known bad answers caught",
    "false_kill_rate": "known good answers refuted",
}

STATUSES: dict[str, str] = {
    "FINAL": "Outcomes are complete; these numbers will not move unless late records arrive.",
    "PROVISIONAL": "Some outcomes may still come; these numbers may move.",
    "STALE": "Newer production is not in this page.",
}
