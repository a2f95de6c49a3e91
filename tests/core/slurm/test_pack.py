"""A job that an older one was thought to be trains nothing; its number may be noted while it asks whether it is that."""

import subprocess
from pathlib import Path

import pytest

from ...conftest import ROOT, write_tree

PACK = (ROOT / "src/hyperband_snakemake/core/pack.sh").read_text()
IS_OURS = PACK[PACK.index("is_ours()"):PACK.index("\n}\n", PACK.index("is_ours()")) + 3]
BEGUN = '{"token": "aa", "submitted": "2026-01-01T00:00:00Z", "configs": 1'
NOTE = """set -T; bracket=0 stage=0 HYBAND_TOKEN=aa noted=
trap '[[ $noted || $BASH_COMMAND != @(last|text)=* ]] || { noted=1; echo ", \\"job\\": \\"7\\"}" >>bracket-0/stage-0/jobs/config-0; }' DEBUG
is_ours 0
"""


@pytest.mark.parametrize(("text", "is_ours"), [(BEGUN, True), (f'{BEGUN}, "job": "7"}}\n', True),
                                               (f'{BEGUN}, "job": "7"}}\n' + BEGUN.replace("aa", "bb"), False)])
def test_the_last_job_trains(tmp_path: Path, text: str, is_ours: bool) -> None:
    write_tree(tmp_path, {"bracket-0/stage-0/jobs/config-0": text})
    done = subprocess.run(["bash", "-c", f"{IS_OURS}\nbracket=0 stage=0 HYBAND_TOKEN=aa\nis_ours 0"], cwd=tmp_path, check=False)
    assert (done.returncode == 0) is is_ours


def test_its_number_is_noted_meanwhile(tmp_path: Path) -> None:
    write_tree(tmp_path, {"bracket-0/stage-0/jobs/config-0": BEGUN})
    assert subprocess.run(["bash", "-c", f"{IS_OURS}\n{NOTE}"], cwd=tmp_path, check=False).returncode == 0
    assert (tmp_path / "bracket-0/stage-0/jobs/config-0").read_text().endswith('"job": "7"}\n')
