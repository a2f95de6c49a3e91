"""Where to read about a topic: the pages of the documentation, how each begins, and the words that lead to it."""

import difflib
from dataclasses import dataclass

from ...errors import UsageError


@dataclass(frozen=True)
class Page:
    """A page of docs/.

    Args:
        name: of its file, without the ending.
        words: topics and commands that lead to it.
        text: the beginning of its first paragraph.
    """

    name: str
    words: str
    text: str

    @property
    def topics(self) -> list[str]:
        """Its words, one by one."""
        return self.words.split()

    @property
    def address(self) -> str:
        """Where it is in the source."""
        return f"docs/{self.name}.md"


def _read(entry: str) -> Page:
    head, *text = entry.splitlines()
    name, _, words = head.partition(": ")
    return Page(name, words, " ".join(text))


_TABLE = """\
tutorial: tutorial start
From a program that trains to a finished search, in ten minutes. You need nothing but this tool.

init: init command flags score metrics environment hydra try own-program
`hyband init DIRECTORY -- COMMAND` takes the command of a single training run and writes two templates: `config`,
which says what is drawn for each configuration, and `run.sh`, which trains one configuration. You need nothing else,
and your program does not change.

templates: templates config generate
`hyband generate --template-dir my-templates` makes a search from a directory of templates.

space: space spaces parameters ranges conditions prior priors seeds jinja
The file `config` of your templates is rendered once for each configuration. It may be any text format. Values that
vary are drawn by functions, which take the name of the parameter.

plan: plan budgets budget cost night eta smax brackets epochs
`hyband plan` works out what a search will cost. It writes nothing except a picture, if you ask for one.

checkpoints: checkpoints checkpoint resume carry discard pytorch lightning
A promoted configuration has already been trained, with 1/eta of its new budget. If its training run can resume from
there, a stage costs only what it adds: with eta = 3, a third less in each stage above stage 0.

gpus: gpus gpu cuda ports
`hyband run my-search --gpus 4` gives each training run a GPU of its own, and runs as many at a time as there are
GPUs, even with fewer cores.

cluster: slurm cluster lsf sge pbs kubernetes jobs queue cancel
A search runs wherever Snakemake does: on Slurm in one of three modes, and on LSF, SGE, Kubernetes and others with
Snakemake's plugins.

clients: docker podman containers ssh sbatch
`run.sh` may be only a client, while the training itself happens in a daemon (Docker), on another machine (ssh) or in
a queue. Then killing `run.sh` does not end the training, and the tool cannot see that it is still running.

folds: folds repetitions cross-validation
Normally `run.sh` runs its folds one after the other. With `--parallel-folds`, each fold of each repetition is a
separate training run, and Snakemake starts it like any other.

limits: limits limit time memory hanging macos
A training run that hangs keeps its worker for ever, and one that takes all memory brings others down. Set limits
against both.

see: report watch status top show compare notebook tensorboard mlflow wandb completion
This page shows how to look at a search, while it runs and when it is complete. Everything here only reads the files
of the search.

samplers: samplers sampler tpe gp sobol cmaes optuna auto extend refine
`hyband generate --sampler NAME` sets how configurations are chosen. All samplers but `random` need `pip install
'hyband[optuna]'` (`[gp]` for `gp`), and a template that names its parameters (space.md).

workflow: workflow snakemake module
A workflow may prepare data, search, train the best configuration for longer, and evaluate it. The search takes two
rules: one generates it, and one runs it.

recipes: recipes r julia c++ yaml json toml gin conda uv apptainer objectives warm-start move archive
Short answers, each a few lines to copy.

examples: examples example boosting lightgbm
Each of these directories in the source is a small search that runs in seconds: a program to replace by your own, its
templates, and a README with the commands.

trouble: trouble errors failures failed retry check crash interrupted disk-full
What to do when a training run fails, when a search is interrupted, when the disk is full, and when you change
something.

moving: moving ray sweeps scikit-learn
This page shows the same search in each of these tools and here: a learning rate, a number of layers, and up to 27
epochs.

from-the-original: adopt original
The original hyperband-snakemake has the same command (`hyband`), the same import name (`hyperband_snakemake`) and the
same layout of a search: `bracket-B/stage-S/config-C/` with `config` and `result`.

install: install extras pip
You need Linux, bash and Python 3.11 or newer. Both the package and the command are called `hyband`;
`hyperband-snakemake` on the public index is another, older program.

run: run run.sh variables result attempts pack packs
`run.sh` trains one configuration. It is started once for each training run, in the directory where you started
`snakemake` or `hyband run`.

structure: files layout
A search is a directory of plain text files. This page lists each of them: what it is, which module writes it, which
modules read it, and whether you may edit it.

columns: columns export csv parquet
An export has one row for each training run, ordered by bracket, stage and configuration.

hyperband: hyperband halving stages asha
Training every configuration to the end is wasteful, since most of them are poor and that shows early. Stopping early
is risky, since a good configuration may start slowly. Hyperband (Li et al., 2018) hedges between the two.

importance: importance
This page explains what the importance in `hyband report` means, how it is estimated, how often it is right, and what
it cannot show.

gains: gains regret benchmark
This page has what was measured of the samplers (samplers.md), with the commands. Regret is how much worse the loss of
the best configuration found is than the smallest one known.

comparison: comparison alternatives
This tool is made for one job: searches of hours to weeks, with a program in any language, on a shared machine or
cluster, where every configuration and every result should be safe on disk. For other jobs, other tools are better.
"""  # of each page: name, words, and the beginning of its first paragraph

PAGES = tuple(_read(entry) for entry in _TABLE.split("\n\n"))
SECTIONS = {  # of its page, for words that have one
    "a-page-to-send": "report",
    "a-training-run-fails": "failed retry",
    "another-machine-over-ssh": "ssh",
    "comparing-searches": "compare",
    "docker-podman": "docker podman",
    "environments": "conda uv apptainer",
    "extend-a-search": "extend",
    "formats-of-the-configuration": "yaml json toml gin",
    "how-much-fits-into-a-night": "night",
    "hydra-keyvalue": "hydra",
    "in-a-terminal": "watch status top show completion",
    "in-lightning": "lightning",
    "in-other-programs": "notebook",
    "in-pytorch": "pytorch",
    "macos-wsl-other-systems": "macos",
    "fewer-files": "archive",
    "move-copy-archive": "move",
    "other-schedulers": "lsf sge pbs kubernetes",
    "refine-a-search": "refine",
    "several-objectives": "objectives",
    "start-from-what-you-already-know": "warm-start",
    "tensorboard-mlflow-weights-biases": "tensorboard mlflow wandb",
    "the-disk": "disk-full",
    "the-environment": "environment",
    "the-run-is-interrupted": "crash interrupted",
    "the-score": "score metrics",
    "training-runs-of-a-second-or-less": "pack packs",
    "try-one-training-run": "try",
    "your-program-in-any-language": "r julia c++",
}


def find_page(topic: str) -> tuple[Page, str]:
    """Return the page for a topic, however it is spelled, and the address of its section.

    Raises:
        UsageError: no page has it; the message has similar ones.

    >>> find_page("Warm start")[1]
    'docs/recipes.md#start-from-what-you-already-know'
    """
    word = topic.lower().replace(" ", "-").replace("_", "-")
    section = next((f"#{name}" for name, words in SECTIONS.items() if word in words.split()), "")
    for page in PAGES:
        if word in page.topics or word == page.name:
            return page, page.address + section
    close = difflib.get_close_matches(word, all_topics(), n=3)
    similar = f" Did you mean: {', '.join(close)}?" if close else ""
    raise UsageError(f"there is no topic {topic!r}.{similar} hyband help lists all of them.")


def all_topics() -> list[str]:
    """Return all words that lead to a page."""
    return sorted(word for page in PAGES for word in page.topics)


def contents() -> str:
    """Return the list of topics, by page."""
    width = max(len(page.address) for page in PAGES)
    return "\n".join(f"  {page.address:{width}}  {', '.join(page.topics)}" for page in PAGES)
