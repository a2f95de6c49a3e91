"""Which GPUs there are: what is visible, or what a stand-in for the vendor's tool lists."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan.gpus import Gpus
from hyperband_snakemake.core.plan.units import OptionError
from hyperband_snakemake.core.run.devices import Devices, find_devices
from hyperband_snakemake.core.run.places import find_places

from ...helpers import make_command

NVIDIA = """cat <<'END'
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa-0)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-aaab-1)
GPU 2: NVIDIA T4 (UUID: GPU-cccc-2)
END"""
DIVIDED = """cat <<'END'
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa-0)
  MIG 3g.20gb     Device  0: (UUID: MIG-1111)
  MIG 3g.20gb     Device  1: (UUID: MIG-2222)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-aaab-1)
END"""
AMD = """cat <<'END'
============ ROCm System Management Interface ============
GPU[0]		: Device Name: 		Instinct MI210
GPU[0]		: Device ID: 		0x740f
GPU[1]		: Device Name: 		Instinct MI210
END"""
OF_NVIDIA_AND_AMD = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")
ALL = (*OF_NVIDIA_AND_AMD, "ZE_AFFINITY_MASK")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory of programs, but for those of the system that the stand-ins call."""
    (tmp_path / "cat").symlink_to("/bin/cat")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def found(gpus: str = "auto", **environment: str) -> Devices:
    return find_devices(Gpus(gpus), environment)


@pytest.mark.parametrize(
    ("programs", "gpus"),
    [
        ({"nvidia-smi": NVIDIA}, ("0", "1", "2")),
        ({"nvidia-smi": DIVIDED}, ("MIG-1111", "MIG-2222", "1")),
        ({"rocm-smi": AMD}, ("0", "1")),
        ({"nvidia-smi": "echo No devices found.; exit 6", "rocm-smi": AMD}, ("0", "1")),
    ],
    ids=["nvidia", "divided", "amd", "amd-with-a-tool-of-nvidia"],
)
def test_the_tool_of_the_vendor_lists_them(tools: Path, programs: Mapping[str, str], gpus: tuple[str, ...]) -> None:
    for name, text in programs.items():
        make_command(tools / name, text)
    assert found() == Devices(gpus, ALL if all(map(str.isdigit, gpus)) else OF_NVIDIA_AND_AMD)


@pytest.mark.parametrize(
    ("programs", "said"),
    [
        ({}, "neither nvidia-smi nor rocm-smi is installed here to count the GPUs; give their number"),
        ({"nvidia-smi": "echo 'Driver/library version mismatch' >&2; exit 18"}, "mismatch); give the number of GPUs"),
        ({"rocm-smi": "echo none"}, "but this machine has none"),
    ],
    ids=["no-tool", "fails", "none"],
)
def test_nobody_knows_how_many(tools: Path, programs: Mapping[str, str], said: str) -> None:
    for name, text in programs.items():
        make_command(tools / name, text)
    with pytest.raises(OptionError) as error:
        found()
    assert said in str(error.value)


@pytest.mark.usefixtures("tools")
def test_a_number_needs_no_tool() -> None:
    assert found("3").gpus == ("0", "1", "2")


@pytest.mark.parametrize(
    ("gpus", "environment", "expected"),
    [
        ("auto", {"CUDA_VISIBLE_DEVICES": "2,3"}, Devices(("2", "3"), ALL)),
        ("1", {"CUDA_VISIBLE_DEVICES": "2, 3"}, Devices(("2",), ALL)),
        ("auto", {"CUDA_VISIBLE_DEVICES": "1,-1,0"}, Devices(("1",), ALL)),
        ("auto", {"CUDA_VISIBLE_DEVICES": "GPU-cccc,GPU-aaab-1"}, Devices(("2", "1"), ALL)),
        ("auto", {"CUDA_VISIBLE_DEVICES": "MIG-1111,MIG-2222"}, Devices(("MIG-1111", "MIG-2222"), OF_NVIDIA_AND_AMD)),
        ("auto", {"HIP_VISIBLE_DEVICES": "0,1"}, Devices(("0", "1"), ALL)),
        ("auto", {"ROCR_VISIBLE_DEVICES": "4,5", "HIP_VISIBLE_DEVICES": "0,1"},
         Devices(("4", "5"), ("ROCR_VISIBLE_DEVICES",), OF_NVIDIA_AND_AMD)),
        ("auto", {"ZE_AFFINITY_MASK": "0.0,0.1"}, Devices(("0.0", "0.1"), ("ZE_AFFINITY_MASK",))),
    ],
)  # fmt: skip
def test_what_is_visible_limits_them(tools: Path, gpus: str, environment: dict[str, str], expected: Devices) -> None:
    make_command(tools / "nvidia-smi", NVIDIA)
    assert found(gpus, **environment) == expected


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize(("gpus", "visible"), [("4", "0,1"), ("auto", ""), ("auto", "-1")])
def test_too_few_are_visible(gpus: str, visible: str) -> None:
    with pytest.raises(OptionError, match=rf"gpus: '{gpus}' is wanted, but CUDA_VISIBLE_DEVICES \('{visible}'\) leaves"):
        found(gpus, CUDA_VISIBLE_DEVICES=visible)


def test_where_the_locks_are_of_a_user_without_a_home_and_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that is started with a number for a user."""
    for name in ("HOME", "XDG_STATE_HOME", "HYBAND_GPU_LOCKS", "HYBAND_HOLDS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    found = find_places(tmp_path, Gpus("1"), 1)
    assert found is not None
    assert found.directory == Path(f"/tmp/hyperband-snakemake-{os.getuid()}")
