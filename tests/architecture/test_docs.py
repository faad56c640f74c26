"""What the documents point at is there."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from liveeval_assets.releases.registry import parse_releases
from liveeval_assets.settings import FILE, load_settings

ROOT = Path(__file__).parents[2]
PAGES = sorted(ROOT / name for name in subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = [found for found in LINK.findall(page.read_text("utf-8")) if not found.startswith(("http:", "https:", "mailto:"))]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 150


def test_the_settings_and_releases_of_the_guide_are_valid(tmp_path: Path) -> None:
    settings, releases = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "own_product.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / FILE).write_text(settings, "utf-8")
    assert load_settings(tmp_path).outcomes.north_star.name == "resolution"
    assert sum(release.reference for release in parse_releases(yaml.safe_load(releases), "releases.yaml")) == 1
