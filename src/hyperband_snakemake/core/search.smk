# What the Snakefile of every search starts with: it reads SEARCH, the search's directory, and includes this file.
import importlib.util
import sys

from snakemake.utils import min_version

min_version("9.0")

# As a module it would have no lock and no end of its own, and its directory would become that of the whole workflow.
if workflow.modifier.base_snakefile is not None:
    sys.exit(
        f"Error: {SEARCH} cannot be a module of another workflow. Run it in a rule of that one, with the command\n"
        f"  hyband run --wait {SEARCH} --cores {{threads}}\n"
        "  docs/workflow.md has the rules to copy."
    )

# Snakemake makes the directory of an included file a place to import from; what is there must not hide other modules.
sys.path[:] = [entry for entry in sys.path if entry != f"{SEARCH}/hyperband"]

spec = importlib.util.spec_from_file_location(
    "hyperband", f"{SEARCH}/hyperband/__init__.py"
)
sys.modules["hyperband"] = importlib.util.module_from_spec(spec)
from hyperband import workflow as hyband


wildcard_constraints:
    config=r"\d+",
    fold=r"\d+-\d+",


# The Snakefile makes `search` of hyband.begin(); Snakemake runs these long after it was read.
onstart:
    search.on_start()


onsuccess:
    search.on_success()


onerror:
    search.on_error()
