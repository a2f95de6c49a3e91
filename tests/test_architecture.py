"""Imports run one way, the core needs nothing but the standard library, and no room outgrows the house."""

import ast
import sys
from pathlib import Path

import pytest

import hyperband_snakemake

PACKAGE = Path(hyperband_snakemake.__file__).parent
LAYERS = [
    {"errors"},
    {"extras"},
    {"core"},
    {"formats", "sampling", "templatedir", "parameters"},
    {"distributions", "selections"},
    {"arguments"},
    {"draws"},
    {"rendering", "space"},
    {"configurations", "optional"},
    {"trials", "sobol"},
    {"allocation"},
    {"slurm", "placing"},
    {"jobview"},
    {"scan", "running", "simulate", "fit"},
    {"observed", "configured"},
    {"samplers", "courses"},
    {"create", "propose", "extend", "studies", "given"},
    {"studyexport"},
    {"plantext"},
    {"pace"},
    {"status", "forecast", "check", "retry", "cancel", "watch", "live", "noeffect"},
    {"picture", "rows"},
    {"export", "show", "analysis"},
    {"importance", "charts", "iterations"},
    {"searchcharts", "spacecharts", "runcharts", "reporttext", "again"},
    {"report"},
    {"notebook"},
    {"cli"},
    {"__main__"},
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
MODULES = [p for p in sorted(PACKAGE.rglob("*.py")) if "examples" not in p.parts]


def imported(path: Path) -> set[tuple[int, str]]:
    """All (level, module) that a file imports; ``from . import a, b`` counts as a and b, the package's name as a level."""
    found: set[tuple[int, str]] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {(0, alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            own = (node.module or "").removeprefix(f"{PACKAGE.name}.") if (node.module or "").startswith(PACKAGE.name) else ""
            module = "" if node.module == PACKAGE.name else own or node.module
            names = [module] if module else [alias.name for alias in node.names]
            found |= {(1 if own or node.module == PACKAGE.name else node.level, name) for name in names}
    return found


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent == PACKAGE and p.name != "__init__.py"], ids=lambda p: p.stem)
def test_imports_run_one_way(path: Path) -> None:
    own = RANK[path.stem]
    for level, module in imported(path):
        top = module.split(".")[0]
        if level and top != "__version__":
            assert RANK[top] <= own, f"{path.stem} imports {module}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").glob("*.py")), ids=lambda p: p.stem)
def test_core_needs_the_standard_library_alone(path: Path) -> None:
    for level, module in imported(path):
        assert level == 1 or (level == 0 and module.split(".")[0] in sys.stdlib_module_names), module


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_sizes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 250
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - min([node.lineno, *(d.lineno for d in node.decorator_list)])
            is_command = any("command" in ast.unparse(d) for d in node.decorator_list)
            assert length <= 40 or is_command, f"{node.name}: {length} lines"
