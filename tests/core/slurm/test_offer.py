"""What the cluster can give, by what stand-ins for Slurm's commands say."""

import os
from pathlib import Path

import pytest

from hyperband_snakemake.core.slurm.offer import nodes_to_wait_for, too_long
from hyperband_snakemake.core.slurm.request import Request

from ...helpers import make_command

PARTITIONS = (
    "PartitionName=debug Default=YES QoS=N/A MaxTime=1-00:00:00 State=UP\n"
    "PartitionName=short Default=NO QoS=N/A MaxTime=00:10:00 State=UP\n"
    "PartitionName=own Default=NO QoS=big MaxTime=00:10:00 State=UP\n"
    "PartitionName=long Default=NO QoS=N/A MaxTime=UNLIMITED State=UP\n"
)
NODES = (
    "n1|idle|64|512000|(null)|(null)\nn2|drained|8|64000|(null)|fast,old\nn3|down*|16|128000|gpu:a100:2(S:0-1),gpu:v100:1|(null)\n"
    "n4|mixed|64|512000|(null)|(null)\n"
)


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "partitions").write_text(PARTITIONS)
    (tmp_path / "nodes").write_text(NODES)
    make_command(tmp_path / "scontrol", f'[[ $* == *config* ]] && echo "AccountingStorageEnforce = limits,qos" || cat {tmp_path}/partitions')
    make_command(tmp_path / "sacctmgr", '[[ $* == *narrow* ]] && echo "00:05:00"; [[ $* == *free* ]] && echo ""; exit 0')
    make_command(tmp_path / "sinfo", f'echo "$*" > {tmp_path}/asked; cat {tmp_path}/nodes')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request(partition="short", seconds=600), ""),
        (Request(partition="short", seconds=601), "its time limit, 00:11:00, is longer than partition short gives (MaxTime 00:10:00)"),
        (Request(partition="short,debug", seconds=3600), ""),
        (Request(partition="short,debug", seconds=90000), "its time limit, 1-01:00:00, is longer than partition short,debug gives (MaxTime 1-00:00:00)"),
        (Request(seconds=90000), "its time limit, 1-01:00:00, is longer than the default partition gives (MaxTime 1-00:00:00)"),
        (Request(partition="long", seconds=9**9), ""),
        (Request(partition="own", seconds=3600), ""),
        (Request(partition="unknown", seconds=3600), ""),
        (Request(partition="short"), ""),
        (Request(partition="short", seconds=3600, extra=("--time=5",)), ""),
        (Request(partition="short", seconds=3600, extra=("-plong",)), ""),
        (Request(partition="short", seconds=3600, qos="free"), ""),
        (Request(seconds=3600, qos="narrow"), "its time limit, 01:00:00, is longer than QOS narrow gives (MaxWall 00:05:00)"),
    ],
)
def test_times(request_: Request, said: str) -> None:
    assert too_long(request_) == said


def test_a_qos_that_nobody_enforces(tools: Path) -> None:
    make_command(tools / "scontrol", 'echo "AccountingStorageEnforce = none"')
    assert too_long(Request(seconds=3600, qos="narrow")) == ""


def test_without_an_answer_nothing_is_known(tools: Path) -> None:
    for name in ("scontrol", "sacctmgr", "sinfo"):
        make_command(tools / name, "exit 1")
    assert too_long(Request(partition="short", seconds=3600)) == ""
    assert nodes_to_wait_for(Request()) == []


@pytest.mark.parametrize(
    ("request_", "nodes"),
    [
        (Request(), ["n2", "n3"]),
        (Request(cpus=16), ["n3"]),
        (Request(cpus=17), []),
        (Request(megabytes=100000), ["n3"]),
        (Request(megabytes=600000), []),
        (Request(gpus="a100:2"), ["n3"]),
        (Request(gpus="3"), ["n3"]),
        (Request(gpus="v100:2"), []),
        (Request(constraint="fast&old"), ["n2"]),
        (Request(constraint="new"), []),
    ],
)
def test_nodes_that_would_do_if_they_were_up(request_: Request, nodes: list[str]) -> None:
    assert nodes_to_wait_for(request_) == nodes


def test_the_partition_is_asked_for(tools: Path) -> None:
    nodes_to_wait_for(Request(partition="short"))
    assert "--partition=short" in (tools / "asked").read_text()
    nodes_to_wait_for(Request(partition="short", extra=("-p", "long")))
    assert "--partition" not in (tools / "asked").read_text()
