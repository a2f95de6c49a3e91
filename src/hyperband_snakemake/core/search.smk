# The common start of every search's Snakefile, which sets SEARCH, the search's directory, and includes this file.
import importlib.util
import sys

from snakemake.utils import min_version

min_version("9.0")

# As a module, a search would have no lock and no end handlers, and would change the whole workflow's directory to its own.
if workflow.modifier.base_snakefile is not None:
    sys.exit(
        f"Error: {SEARCH} cannot be a module of another workflow. Run it in a rule of that one, with the command\n"
        f"  hyband run --wait {SEARCH} --cores {{threads}}\n"
        "  docs/workflow.md has the rules to copy."
    )

# Snakemake adds the directory of an included file to sys.path; the files there must not hide other modules.
sys.path[:] = [entry for entry in sys.path if entry != f"{SEARCH}/hyperband"]

spec = importlib.util.spec_from_file_location(
    "hyperband", f"{SEARCH}/hyperband/__init__.py"
)
sys.modules["hyperband"] = importlib.util.module_from_spec(spec)
from hyperband import workflow as hyband


wildcard_constraints:
    config=r"\d+",
    fold=r"\d+-\d+",


# The Snakefile sets `search` to what hyband.begin() returns; Snakemake calls these long after reading it.
onstart:
    search.on_start()


onsuccess:
    search.on_success()


onerror:
    search.on_error()
