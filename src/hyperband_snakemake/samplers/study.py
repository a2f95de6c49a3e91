"""Optuna studies: opening them, and turning their trials into configurations."""

from functools import partial
from pathlib import Path
from typing import Any

from ..core.tree.layout import Slot
from ..errors import HybandError
from ..extras import require
from ..snapshot.scan import Snapshot
from ..snapshot.template import template_of
from ..space.distributions import Distribution
from ..space.generator import Generator, derived_seed
from .imported import ImportedConfig
from .translate import Translator, distributions_of, drawn_of

SLOT = "slot"  # attribute of our trials: the configuration's slot in stage 0
SQLITE = "sqlite:///"


def direction_of(snapshot: Snapshot) -> str:
    """Say which results are better, in Optuna's terms."""
    return "maximize" if snapshot.plan.settings.maximize else "minimize"


def open_study(storage: str, name: str, *, create: str | None) -> Any:
    """Open a study in a database (``sqlite:///file.db`` or another address) or in a journal file.

    Args:
        storage: the database address or the path.
        name: the study's name.
        create: direction of a new study, if there is none yet; None: the study must exist.

    Raises:
        HybandError: it cannot be opened.
    """
    optuna = require("optuna", "optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    _check_file(storage, may_be_new=create is not None)
    try:
        opened: Any = storage
        if "://" not in storage:
            opened = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(storage))
        names = optuna.study.get_all_study_names(opened)
        if create is not None and name not in names:
            return optuna.create_study(storage=opened, study_name=name, direction=create)
        study = optuna.load_study(storage=opened, study_name=name) if name in names else None
    except Exception as error:  # noqa: BLE001 (whatever the database's library raises)
        raise HybandError(f"{storage} cannot be opened: {str(error).splitlines()[0]}") from None
    if study is None:
        held = f"It has {', '.join(sorted(names))}." if names else "It has none at all."
        raise HybandError(f"{storage} has no study named {name}; name it with --study. {held}")
    if len(study.directions) > 1:
        raise HybandError(f"the study {name} in {storage} has several objectives; expected one. Nothing was changed.")
    if create is not None and study.direction.name.lower() != create:
        raise HybandError(
            f"the study {name} in {storage} is to {study.direction.name.lower()}, this search to {create}. "
            "Name another study with --study. Nothing was changed."
        )
    return study


def _check_file(storage: str, *, may_be_new: bool) -> None:
    """Keep Optuna from creating a file to be read, and from appending to a user's file that is not a journal."""
    path = Path(storage.removeprefix(SQLITE).partition("?")[0])
    if "://" in storage and not storage.startswith(SQLITE):
        return
    if not may_be_new and not path.exists():
        raise HybandError(f"{path} does not exist.")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise HybandError(
            f"{path} cannot be opened: {'it is a directory' if path.is_dir() else 'its directory is missing'}."
        )
    if "://" not in storage and path.exists():
        with path.open("rb") as file:
            first = file.readline()
        if first and not first.startswith(b'{"op_code":'):
            raise HybandError(f"{path} is not an Optuna journal file. Nothing was changed.")


def configurations_of(snapshot: Snapshot, study: Any, top: int) -> list[ImportedConfig]:
    """Render the search's template with the parameters of a study's best trials.

    Raises:
        HybandError: a trial lacks a parameter of the template, or its value is not in the space.
    """
    if snapshot.sampling is None:
        raise HybandError(f"{snapshot.path} keeps no template. Nothing was changed.")
    template = template_of(snapshot, snapshot.sampling.template)
    complete = require("optuna.trial", "optuna").TrialState.COMPLETE
    found = [t for t in study.get_trials(deepcopy=False) if t.state == complete]
    trials = [t for t in found if SLOT not in t.user_attrs]
    trials.sort(key=lambda trial: trial.value if study.direction.name == "MINIMIZE" else -trial.value)
    generator = Generator(derived_seed(snapshot.sampling.seed, "import", study.study_name))
    translator = Translator()
    drawn = [template.draw(Slot(0, 0, 0), generator, partial(_chosen, trial, translator)) for trial in trials[:top]]
    if not drawn:
        why = "trials of an exported search alone: take its best with --from SEARCH" if found else "no complete trial"
        raise HybandError(f"the study {study.study_name} has {why}. Nothing was changed.")
    names = (f"trial {trial.number} of {study.study_name}" for trial in trials)
    return [ImportedConfig(name, one) for name, one in zip(names, drawn, strict=False)]


def _chosen(trial: Any, translator: Translator, name: str, distribution: Distribution) -> Any:
    parts = distributions_of(translator.name(name, distribution), distribution)
    for part, one in parts.items():
        if part not in trial.params:
            raise ValueError(f"trial {trial.number} of the study has no parameter {part!r}")
        if not one._contains(one.to_internal_repr(trial.params[part])):  # noqa: SLF001
            raise ValueError(
                f"trial {trial.number}: {part} is {trial.params[part]!r}, which the template does not draw"
            )
    return drawn_of(distribution, [trial.params[part] for part in parts])
