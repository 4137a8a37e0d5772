"""What the documentation names is there: settings, metrics, files, and what the dashboard and the alerts watch."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from tailorbird.host import metrics
from tailorbird.suite.settings import settings_of_the_suite
from tests.house.tree import ROOT

DOCS = ROOT / "shared" / "docs"
PAGES = sorted(DOCS.glob("*.md"))
OWN = re.compile(r"\btailorbird_[a-z_]+\b")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def names_of_metrics() -> set[str]:
    assert metrics.__all__
    return {sample.name for family in REGISTRY.collect() for sample in family.samples} | {
        family.name + suffix for family in REGISTRY.collect() for suffix in ("", "_total", "_bucket", "_count", "_sum")
    }


def test_every_setting_says_what_it_means() -> None:
    assert [one.variable for one in settings_of_the_suite() if not one.meaning] == []


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_every_setting_that_a_page_names_exists(page: Path) -> None:
    known = {one.variable for one in settings_of_the_suite()}
    named = set(re.findall(r"\bTAILORBIRD_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
    assert named - known == set()


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("name", ["operator.md", "dashboard.json", "alerts.yaml"])
def test_what_is_watched_is_measured(name: str) -> None:
    named = set(OWN.findall((DOCS / name).read_text(encoding="utf-8")))
    assert named
    assert named - names_of_metrics() == set()


def test_the_dashboard_can_be_imported() -> None:
    dashboard = json.loads((DOCS / "dashboard.json").read_text(encoding="utf-8"))
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids)) > 0
    assert all(panel["targets"] for panel in dashboard["panels"])
