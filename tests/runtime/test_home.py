"""A home is used by one run at a time, and keeps the key of its pseudonyms."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from liveeval_assets.cli import demo
from liveeval_assets.runtime.catalogue import Entry
from liveeval_assets.runtime.home import Home
from liveeval_assets.shared.errors import LakeError, SettingsError

HOLD = """
import sys
from pathlib import Path
from liveeval_assets.runtime.home import Home
with Home(Path(sys.argv[1])).alone(0):
    print("held", flush=True)
    input()
"""


def test_a_second_run_is_told_to_wait_and_one_run_may_take_it_twice(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.alone(0), home.alone(0):
        pass
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(LakeError, match="another run is using"), home.alone(0.2):
            pytest.fail("two runs at once")
    finally:
        other.communicate("\n")
    with home.alone(5):
        pass


def test_a_kept_key_is_made_once_and_for_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVEEVAL_HMAC_KEY", raising=False)
    key = Home(tmp_path).hmac_key
    assert len(key) == 64
    assert Home(tmp_path).hmac_key == key
    assert (tmp_path / ".secrets" / "hmac_key").stat().st_mode & 0o077 == 0
    # a crash while it was written leaves no empty key behind
    (tmp_path / "b" / ".secrets").mkdir(parents=True)
    (tmp_path / "b" / ".secrets" / "hmac_key").touch()
    assert len(Home(tmp_path / "b").hmac_key) == 64


def test_another_key_than_before_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("a key that nothing was made with", "the first key"):
        monkeypatch.setenv("LIVEEVAL_HMAC_KEY", key)
        assert Home(tmp_path).hmac_key == key.encode()
    home = Home(tmp_path)
    home.catalogue.record(Entry("traces/conversations", date(2026, 6, 1), 1, "hash", 1, "run", "fingerprint", {}, {}))
    home.catalogue.flush()
    for changed in ("another key", None):
        monkeypatch.setenv("LIVEEVAL_HMAC_KEY", changed) if changed else monkeypatch.delenv("LIVEEVAL_HMAC_KEY")
        with pytest.raises(SettingsError, match="the key of pseudonyms is not the one"):
            _ = Home(tmp_path).hmac_key
    monkeypatch.setenv("LIVEEVAL_HMAC_KEY", "")
    with pytest.raises(SettingsError, match="LIVEEVAL_HMAC_KEY is empty"):
        _ = Home(tmp_path / "c").hmac_key


def test_the_demo_is_refused_in_another_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "liveeval.yaml").write_text("clock: {first_week: 2026-06-01}\n")
    monkeypatch.setattr(demo, "run_init", lambda: Home(tmp_path))
    with pytest.raises(SettingsError, match="not the home of a simulated world"):
        demo.run_demo()
    assert not (tmp_path / "source").exists()
