"""The scripts of the pages, which share one name space."""

import re
from collections import Counter

import pytest

from hyperband_snakemake.report.embedded.assets import COMPARISON, SCRIPTS, script


@pytest.mark.parametrize("names", [SCRIPTS, COMPARISON])
def test_no_function_replaces_another(names: tuple[str, ...]) -> None:
    counts = Counter(re.findall(r"^(?:async )?(?:function|const|let) (\w+)", script(names), re.MULTILINE))
    assert [name for name, number in counts.items() if number > 1] == []
