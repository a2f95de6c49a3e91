"""Rendering with Jinja2: text in, text out. Errors name the file, the line and its text."""

import inspect
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.runtime import Context
from jinja2.utils import htmlsafe_json_dumps

from ...core.tree.proposals import JOINED, KEPT
from ...errors import TemplateError
from ..draws import Choose, Drawing, Rejected, RenderedConfig
from ..formats import Real, contains_real, to_hydra, to_json, to_python, to_shell, to_toml, to_yaml
from ..generator import Endless, Generator, Source, pick
from .foreign_words import hint_at_words
from .lines import JINJA, KeepLines
from .plan_names import with_names

DRAWS = ("uniform", "integer", "normal", "choice", "ordinal", "subset", "permutation", "seed", "reject")


class Renderer:
    """Renders the templates of one directory, as the original tool did.

    ``trim_blocks`` and ``lstrip_blocks`` are on, so a tag alone on its line disappears with its line; `KeepLines` keeps
    all other line ends, including the last one. Nothing is escaped, and an undefined name is an error. The filter
    ``random`` and the functions in `DRAWS` draw from the source that is passed to `draw`.
    """

    def __init__(self, *directories: Path, line_ends: int = KEPT) -> None:
        """Look for templates and their includes in these directories, in this order.

        With ``line_ends`` `JOINED`, each tag removes the line end after it, as in searches made by 0.1.0.
        """
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(list(directories), encoding="utf-8"),
            **JINJA,
            undefined=jinja2.StrictUndefined,
            extensions=["jinja2.ext.do", *([KeepLines] if line_ends != JOINED else [])],
            autoescape=False,  # noqa: S701 (configurations and scripts, not web pages)
        )
        self.looked_up: set[str] = set()  # names that a template has used so far
        self._environment.context_class = _noting(self.looked_up)
        self._drawing: Drawing | None = None
        self._source: Source | None = None

        @jinja2.pass_context  # Jinja2 never evaluates a filter with context at compile time
        def draw(_: Context, options: Any) -> Any:
            drawing = self._current("the filter 'random'")
            assert self._source is not None
            drawing.note_pick(value := pick(self._source, options))
            return value

        filters = self._environment.filters
        filters |= {
            "random": draw,
            "tojson": _tojson,
            "toyaml": _written_by(to_yaml),
            "totoml": _written_by(to_toml),
            "topython": _written_by(to_python),
            "toshell": _written_by(to_shell),
            "tohydra": _written_by(to_hydra),
        }
        filters["float"] = _float(filters["float"])
        self._environment.globals |= {name: _Function(self, name) for name in DRAWS}
        del self._environment.globals["lipsum"]  # it draws from a generator that our seed does not control

    def _current(self, what: str) -> Drawing:
        if self._drawing is None:
            raise ValueError(f"{what} only works in configurations; nothing is drawn here")
        return self._drawing

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a draw function for the configuration being rendered.

        Raises:
            ValueError: its arguments are wrong, or nothing may be drawn here.
        """
        method = getattr(self._current(f"the function '{name}'"), name)
        for value in [*args, *kwargs.values()]:
            if isinstance(value, jinja2.Undefined):
                str(value)  # raises an error that names it
        try:
            _signature(name).bind(*args, **kwargs)
        except TypeError as error:
            parameters = ", ".join(_signature(name).parameters)
            raise ValueError(f"{name}({parameters}): {error}") from None
        return method(*args, **kwargs)

    def _forget_imports(self) -> None:
        """Let imported files draw again: Jinja2 runs the top level of a file imported without context only once."""
        for template in (self._environment.cache or {}).values():
            template._module = None  # noqa: SLF001 (otherwise every file would be compiled again for each configuration)

    def draw(
        self, name: str, context: Mapping[str, object], source: Source, choose: Choose | None = None
    ) -> RenderedConfig:
        """Render the template of this name for one configuration.

        Args:
            name: the template's name.
            context: names available in the template.
            source: makes the random draws.
            choose: decides named parameters instead of the source.

        Raises:
            TemplateError: it cannot be read or rendered.
        """
        self._drawing, self._source = Drawing(source, choose), source
        try:
            return self._drawing.finish(self.render(name, context))
        except Rejected as error:
            return RenderedConfig("", rejected=_at_template(error, name, str(error)))
        finally:
            if self._drawing.used:
                self._forget_imports()
            self._drawing = self._source = None

    def render(self, name: str, context: Mapping[str, object]) -> str:
        """Render a template that draws nothing.

        Raises:
            TemplateError: it cannot be read or rendered.
        """
        try:
            return self._environment.get_template(name).render(context)
        except (Rejected, Endless):
            raise
        except jinja2.TemplateNotFound as error:
            raise TemplateError(f"template {error.name or name} was not found in {self._places()}.") from None
        except jinja2.TemplateSyntaxError as error:
            where = Path(error.filename) if error.filename else Path(error.name or name)
            raise TemplateError(_located(where, error.lineno, _syntax_message(error))) from None
        except UnicodeDecodeError as error:
            raise TemplateError(f"template {name} is not UTF-8 text (byte {error.start}).") from None
        except OSError as error:
            raise TemplateError(f"template {name} cannot be read: {error.strerror}.") from None
        except RecursionError:
            raise TemplateError(f"template {name} includes or calls itself without end.") from None
        except Exception as error:  # noqa: BLE001 (whatever a template's expressions raise, its author has to fix)
            raise TemplateError(_runtime_error(error, name)) from None

    def _places(self) -> str:
        loader = self._environment.loader
        assert isinstance(loader, jinja2.FileSystemLoader)
        return " or ".join(loader.searchpath) + " (names are relative to these)"


@cache
def _signature(name: str) -> inspect.Signature:
    """Signature of a draw function; finding it takes longer than drawing."""
    return inspect.signature(getattr(Drawing(Generator(0)), name))


def _noting(names: set[str]) -> type[Context]:
    """Make a context that records which names are looked up, also by included and imported files."""

    class Noting(Context):
        def resolve_or_missing(self, key: str) -> Any:
            names.add(key)
            return super().resolve_or_missing(key)

    return Noting


class _Function:
    """A draw function as a template sees it."""

    def __init__(self, renderer: Renderer, name: str) -> None:
        self._renderer = renderer
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._renderer.call(self._name, *args, **kwargs)

    def __str__(self) -> str:
        raise ValueError(f"{self._name} is a function: write {self._name}(...)")


def _tojson(value: Any, indent: int | None = None) -> str:
    """Write JSON; values without drawn numbers exactly as Jinja2's own filter does."""
    if isinstance(value, jinja2.Undefined):
        str(value)  # raises an error that names it
    if contains_real(value):
        return to_json(value, indent)
    return htmlsafe_json_dumps(value, sort_keys=True, indent=indent)


def _written_by(write: Callable[[Any], str]) -> Callable[[Any], str]:
    def written(value: Any) -> str:
        if isinstance(value, jinja2.Undefined):
            str(value)  # raises an error that names it
        return write(value)

    return written


def _float(plain: Callable[..., Any]) -> Callable[..., Any]:
    def convert(value: Any, default: float = 0.0) -> Any:
        return value if isinstance(value, Real) else plain(value, default)

    return convert


def _syntax_message(error: jinja2.TemplateSyntaxError) -> str:
    message = error.message or "syntax error"
    if "comment" in message:
        message += "; '{#' starts a comment, so write {{ '{#' }} for these two characters"
    elif (error.name or "").endswith(".sh"):
        message += "; this file is a template: write {{ '{{' }} for two braces of its own, {{ '{%' }} for '{%'"
    return message


def _runtime_error(error: Exception, name: str) -> str:
    """Name the template line that was being rendered: Jinja2 rewrites tracebacks to point to templates."""
    message = with_names(str(error)) or type(error).__name__
    if isinstance(error, NameError) and error.name in ("inf", "nan"):  # Jinja2 compiles 1e400 to inf
        what = "too large, infinite" if error.name == "inf" else "nan, which is not a number"
        return _at_template(error, name, f"a number here is {what}; expected a finite number")
    if not isinstance(error, jinja2.TemplateError | ValueError):
        message = f"{type(error).__name__}: {message}"
    if hint := hint_at_words(message, DRAWS):
        message = f"{message.rstrip('.')}. {hint}"
    return _at_template(error, name, message)


def _at_template(error: Exception, name: str, message: str) -> str:
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    places = [place for place in frames if not place[0].endswith(".py")]
    if not places:
        return f"{name}: {message}"
    return _located(Path(places[-1][0]), places[-1][1], message)


def _located(path: Path, line: int, message: str) -> str:
    try:
        text = path.read_text(encoding="utf-8").splitlines()[line - 1].strip()
    except (OSError, IndexError, UnicodeDecodeError):
        return f"{path}, line {line}: {message}"
    return f"{path}, line {line}: {message}\n    {text}"
