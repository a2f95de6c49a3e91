"""Writing the templates for a command, after a test draw."""

import tempfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from ..core.plan import Settings, make_plan
from ..core.tree import layout
from ..core.tree.layout import Slot
from ..errors import TemplateError, UsageError
from ..space.configurations import ConfigTemplate, template_names
from ..space.generator import Generator
from ..space.jinja.rendering import Renderer
from ..writing.template_directory import init_templates
from .templates import Start, config_text, run_text

_ONE = make_plan(Settings(0, 2, max_budget=Fraction(1)))


def write_templates(directory: Path, start: Start, *sources: Path) -> None:
    """Write ``config`` and ``run.sh`` into a new directory, and copy ``sources`` there.

    Raises:
        DirectoryInUse: it is not empty.
        UsageError: a space is not consistent; the text says why.
    """
    texts = {layout.CONFIG: config_text(start), layout.RUN: run_text(start)}
    _try(texts)
    init_templates(directory, *sources)
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (directory / name).write_text(text, encoding="utf-8", newline="")
    (directory / layout.RUN).chmod(0o755)


def _try(texts: Mapping[str, str]) -> None:
    """Draw one configuration, so that a mistake in a space is found before anything is written."""
    with tempfile.TemporaryDirectory(prefix="hyband-init-") as place:
        for name, text in texts.items():
            Path(place, name).write_text(text, encoding="utf-8")
        known = template_names(_ONE, Path(place))
        renderer = Renderer(Path(place))
        try:
            ConfigTemplate(renderer, layout.CONFIG, known).draw(Slot(0, 0, 0), Generator(1))
            renderer.render(layout.RUN, known)
        except TemplateError as error:
            raise UsageError(f"{str(error).replace(f'{place}/', '')}\n  Nothing was written.") from None
