"""Imports run one way, the core needs nothing but the standard library, and no room outgrows the house.

The rooms and their order are drawn in CONTRIBUTING.md.
"""

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import hyperband_snakemake

PACKAGE = Path(hyperband_snakemake.__file__).parent
RANKS = (  # a room imports only from those before its own line; rooms of one line know nothing of each other
    {"errors"},
    {"extras"},
    {"core.plan", "core.disk"},
    {"core.tree"},
    {"core.halving", "core.training"},
    {"core.slurm"},
    {"core.run"},
    {"core"},  # its front doors: the programs that a search calls
    {"space"},
    {"snapshot"},
    {"samplers", "planning", "slurm", "views"},
    {"writing", "report"},
    {"cell", "checking", "starting"},
    {"notebook", "propose"},
    {"__init__"},
    {"cli"},
    {"__main__"},
)
FRONT_DOORS = {  # who imports a front door: nobody else
    ("core.workflow", "core.propose"),  # says before a run what its samplers will miss
    ("writing.create", "core.workflow"),  # which interface a Snakefile must have
}
MOST_AT_THE_TOP, MOST_IN_A_FOLDER = 8, 14
LONGEST_MODULE, LONGEST_FUNCTION = 250, 40


def modules_of(package: Path) -> dict[str, Path]:
    """Return all modules by their name within the package: "core.tree.files", "cli" for cli/__init__.py, "__init__" for its own."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        if "examples" not in parts:
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports_of(name: str, modules: dict[str, Path], package: str) -> Iterator[tuple[str, bool]]:
    """Yield what a module imports, wherever in its text (for types alone, too): (name, whether it is of the package)."""
    path = modules[name]
    is_plain = path.name != "__init__.py" or name == "__init__"
    here = [package, *name.split(".")][: -1 if is_plain else None]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            wanted = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) - node.level + 1] if node.level else []
            wanted = [(".".join([*above, *filter(None, [node.module])]), alias.name) for alias in node.names]
        else:
            continue
        for base, member in wanted:
            top, _, inside = base.partition(".")
            if top != package:
                yield base, False
            elif f"{inside}.{member}".strip(".") in modules:
                yield f"{inside}.{member}".strip("."), True
            elif inside or member != "__version__":  # the version is a fact that all may know
                yield inside or "__init__", True


def room_of(name: str, modules: dict[str, Path]) -> str:
    """Return the room of a module: its folder within `core`, else what stands at the top of the package."""
    parts = name.split(".")
    is_folder = modules[name].name == "__init__.py"
    return ".".join(parts[:2]) if parts[0] == "core" and (len(parts) > 2 or is_folder) else parts[0]


def graph_of(package: Path) -> dict[str, set[str]]:
    """Return which modules of the package each of its modules imports."""
    modules = modules_of(package)
    return {name: {other for other, own in imports_of(name, modules, package.name) if own} for name in modules}


def wrong_directions(package: Path) -> Iterator[str]:
    """Yield each import that does not lead to an earlier room, or to a door that is not meant for it."""
    modules = modules_of(package)
    rank = {room: number for number, rooms in enumerate(RANKS) for room in rooms}
    for name, others in graph_of(package).items():
        own = room_of(name, modules)
        for other in sorted(others):
            if other not in modules:
                yield f"{name} imports {other}, which does not exist"
            elif (room := room_of(other, modules)) == own and own != "core":
                continue
            elif room == "core" and other != "core" and (name, other) not in FRONT_DOORS:
                yield f"{name} imports {other}, a front door"
            elif room != own and not rank.get(room, len(RANKS)) < rank.get(own, -1):
                yield f"{name} imports {other}: {own} does not come after {room}"


def cycles(package: Path) -> Iterator[str]:
    """Yield a circle of modules that import each other, if there is one."""
    try:
        TopologicalSorter(graph_of(package)).prepare()
    except CycleError as error:
        yield " imports ".join(reversed(error.args[1]))


def foreigners_in_core(package: Path) -> Iterator[str]:
    """Yield each import of `core` that a search on disk would not have: only `core` itself and the standard library are there."""
    modules = modules_of(package)
    for name, path in modules.items():
        if name.split(".")[0] != "core":
            continue
        for other, own in imports_of(name, modules, package.name):
            top = other.split(".")[0]
            if top != "core" if own else top not in sys.stdlib_module_names:
                yield f"{name} imports {other}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            absolute = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", None) or ""]
            if not getattr(node, "level", 0) and any(base.split(".")[0] == package.name for base in absolute):
                yield f"{name} imports {package.name} by its name, which a search does not have"


def full_folders(package: Path) -> Iterator[str]:
    """Yield each folder with more modules than a reader finds his way in."""
    for folder in sorted({path.parent for path in modules_of(package).values()}):
        most = MOST_AT_THE_TOP if folder == package else MOST_IN_A_FOLDER
        if (count := len(list(folder.glob("*.py")))) > most:
            yield f"{folder.relative_to(package).as_posix()}: {count} modules"


def long_texts(package: Path) -> Iterator[str]:
    """Yield each module and function that is too long; commands have as many lines as they have options."""
    for name, path in modules_of(package).items():
        text = path.read_text(encoding="utf-8")
        if (lines := text.count("\n")) > LONGEST_MODULE:
            yield f"{name}: {lines} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - min([node.lineno, *(d.lineno for d in node.decorator_list)])
                is_command = any("command" in ast.unparse(d) for d in node.decorator_list)
                if length > LONGEST_FUNCTION and not is_command:
                    yield f"{name}.{node.name}: {length} lines"


CHECKS = (wrong_directions, cycles, foreigners_in_core, full_folders, long_texts)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_is_in_order(check) -> None:
    assert list(check(PACKAGE)) == []


def test_every_room_has_a_rank() -> None:
    modules = modules_of(PACKAGE)
    assert {room_of(name, modules) for name in modules} == set.union(*RANKS)


def built(package: Path, files: dict[str, str]) -> Path:
    """Write a small package: module text by path; each folder is a package."""
    for name, text in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for folder in [package, *(p for p in package.rglob("*") if p.is_dir())]:
        (folder / "__init__.py").touch()
    return package


FOR_TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..writing.create import New\n"
LATE = "def f():\n    from house.views import show\n"
WRONG = [
    (wrong_directions, {"space/draws.py": "from ..writing import create\n", "writing/create.py": ""}, "space.draws imports writing.create: "),
    (wrong_directions, {"space/draws.py": FOR_TYPES, "writing/create.py": ""}, "space.draws imports writing.create: "),
    (wrong_directions, {"snapshot/scan.py": LATE, "views/show.py": ""}, "snapshot.scan imports views.show: "),
    (wrong_directions, {"samplers/tpe.py": "import house.planning.fit\n", "planning/fit.py": ""}, "samplers.tpe imports planning.fit: "),
    (wrong_directions, {"core/plan/a.py": "from ..tree.files import x\n", "core/tree/files.py": ""}, "core.plan.a imports core.tree.files: "),
    (wrong_directions, {"core/halving/a.py": "from ..training import b\n", "core/training/b.py": ""}, "core.halving.a imports core.training.b: "),
    (wrong_directions, {"core/run/a.py": "from .. import train\n", "core/train.py": ""}, "core.run.a imports core.train, a front door"),
    (wrong_directions, {"core/best.py": "from .train import main\n", "core/train.py": ""}, "core.best imports core.train, a front door"),
    (wrong_directions, {"views/show.py": "from ..core.train import main\n", "core/train.py": ""}, "views.show imports core.train, a front door"),
    (wrong_directions, {"attic/a.py": "from ..space import draws\n", "space/draws.py": ""}, "attic.a imports space.draws: "),
    (wrong_directions, {"writing/a.py": "from house.plan import x\n"}, "writing.a imports plan, which does not exist"),
    (wrong_directions, {"writing/a.py": "from .. import load\n"}, "writing.a imports __init__: "),
    (cycles, {"space/a.py": "from .b import x\n", "space/b.py": "from . import a\n"}, "space.a"),
    (cycles, {"core/tree/a.py": "from .b import x\n", "core/tree/b.py": "def f():\n    from .a import x\n"}, "core.tree.a"),
    (cycles, {"cli/__init__.py": "from .run import run\n", "cli/run.py": "from . import main\n"}, "cli"),
    (foreigners_in_core, {"core/tree/a.py": "import click\n"}, "core.tree.a imports click"),
    (foreigners_in_core, {"core/slurm/a.py": "from ...errors import E\n", "errors.py": ""}, "core.slurm.a imports errors"),
    (foreigners_in_core, {"core/a.py": "from house.core.b import x\n", "core/b.py": ""}, "core.a imports house by its name"),
    (full_folders, {f"space/a{n}.py": "" for n in range(14)}, "space: 15 modules"),
    (full_folders, {f"a{n}.py": "" for n in range(8)}, ".: 9 modules"),
    (long_texts, {"space/a.py": "\n" * 251}, "space.a: 251 lines"),
    (long_texts, {"space/a.py": "def f():\n" + "    pass\n" * 41}, "space.a.f: 41 lines"),
]


@pytest.mark.parametrize(("check", "files", "said"), WRONG)
def test_disorder_is_seen(check, files: dict[str, str], said: str, tmp_path: Path) -> None:
    said_of_all = list(check(built(tmp_path / "house", files)))
    assert len(said_of_all) == 1
    assert said in said_of_all[0]


def test_order_is_left_alone(tmp_path: Path) -> None:
    files = {
        "errors.py": "",
        "__init__.py": "def load():\n    from .notebook import load\n__version__ = '1'\n",
        "notebook.py": "from .views.show import text\n",
        "views/show.py": "from .. import __version__\nfrom ..core.tree.files import read\nfrom . import words\n",
        "views/words.py": "import click\nfrom house.errors import E\nfrom house import __version__\n",
        "core/tree/files.py": "import os.path\nfrom . import names\nfrom ..plan import Plan\n",
        "core/tree/names.py": "",
        "core/plan/__init__.py": "from .brackets import Plan\n",
        "core/plan/brackets.py": "",
        "core/workflow.py": "from . import propose\nfrom .tree import files\n",
        "core/propose.py": "",
        "cli/__init__.py": "from .run import run\n",
        "cli/run.py": "@click.command()\ndef run():\n" + "    pass\n" * 50,
    }
    assert [said for check in CHECKS for said in check(built(tmp_path / "house", files))] == []
