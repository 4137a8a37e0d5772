"""Whose word counts: the browser's of this request, the person's own, or the region's default."""

from __future__ import annotations

import pytest

from tailorbird.contracts.words import Consent
from tailorbird.rules.consent import PURPOSES, ConsentDefaults, verdicts

DEFAULTS = ConsentDefaults()
YES, NO = Consent(True, 100, "server"), Consent(False, 100, "browser")


@pytest.mark.parametrize(
    ("region", "granted"),
    [("", True), ("US", True), ("DE", False), ("de", False), ("GB-SCT", False), ("CH", False), ("EU", False)],
)
def test_a_region_says_what_needs_a_yes(region: str, granted: bool) -> None:
    found = verdicts({}, region, False, DEFAULTS)
    assert {one.granted for one in found.values()} == {granted}
    assert {one.source for one in found.values()} == {"default"}


def test_the_most_specific_region_counts() -> None:
    defaults = ConsentDefaults("US=all US-CA=analytics+email EU=none FR=email")
    assert defaults.granted("US-CA") == {"analytics", "email"}
    assert defaults.granted("us_ca") == {"analytics", "email"}
    assert defaults.granted("US-NY") == set(PURPOSES)
    assert defaults.granted("FR") == {"email"}
    assert defaults.granted("BR") == set(PURPOSES)


def test_the_persons_word_counts_before_the_default() -> None:
    assert verdicts({"personalization": YES}, "DE", False, DEFAULTS)["personalization"].granted
    refused = verdicts({"personalization": NO}, "US", False, DEFAULTS)["personalization"]
    assert (refused.granted, refused.source, refused.at) == (False, "browser", 100)


def test_global_privacy_control_refuses_advertising_and_personalization_whatever_was_said() -> None:
    found = verdicts(dict.fromkeys(PURPOSES, YES), "US", True, DEFAULTS)
    assert {purpose for purpose, one in found.items() if not one.granted} == {"personalization", "advertising"}
    assert found["personalization"].source == "gpc"


@pytest.mark.parametrize("text", ["EU", "EU=", "EU=some", "=all", "EU=email+sms"])
def test_a_default_that_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="write REGION=all"):
        ConsentDefaults(text)
