"""Jinja2: text in, text out. Errors name the file, the line and its text."""

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.runtime import Context

from .errors import TemplateError
from .sampling import Source, pick


class Renderer:
    """Renders the templates of one directory, as the original tool did.

    ``trim_blocks`` and ``lstrip_blocks`` are on, the last newline is kept, nothing is escaped, an undefined name is an
    error. The filter ``random`` draws from the source that is given to `render`.
    """

    def __init__(self, *directories: Path) -> None:
        """Look for templates, and for what they include, in these directories in turn."""
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(list(directories), encoding="utf-8"),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701 (configurations and scripts, not web pages)
        )
        self._source: Source | None = None

        @jinja2.pass_context  # a filter that sees the context is never evaluated when the template is compiled
        def draw(_: Context, options: Any) -> Any:
            if self._source is None:
                raise ValueError("the filter 'random' is for configurations; here nothing is drawn")
            return pick(self._source, options)

        self._environment.filters["random"] = draw
        del self._environment.globals["lipsum"]  # it draws from a generator that no seed of ours decides

    def render(self, name: str, context: Mapping[str, object], source: Source | None = None) -> str:
        """Render the template of this name.

        Raises:
            TemplateError: it cannot be read or rendered.
        """
        self._source = source
        try:
            return self._environment.get_template(name).render(context)
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
        except Exception as error:  # noqa: BLE001 (whatever the expressions of a template raise is its author's to mend)
            raise TemplateError(_runtime_error(error, name)) from None

    def _places(self) -> str:
        loader = self._environment.loader
        assert isinstance(loader, jinja2.FileSystemLoader)
        return " or ".join(loader.searchpath) + " (names are relative to these)"


def _syntax_message(error: jinja2.TemplateSyntaxError) -> str:
    message = error.message or "syntax error"
    if "comment" in message:
        message += "; '{#' starts a comment, so write {{ '{#' }} for these two characters, as in ${#array[@]}"
    return message


def _runtime_error(error: Exception, name: str) -> str:
    """Name the line of the template that was being rendered: Jinja2 rewrites tracebacks to its own files."""
    message = str(error) or type(error).__name__
    if not isinstance(error, jinja2.TemplateError | ValueError):
        message = f"{type(error).__name__}: {message}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.endswith(".py")]
    if not frames:
        return f"{name}: {message}"
    return _located(Path(frames[-1].filename), frames[-1].lineno or 0, message)


def _located(path: Path, line: int, message: str) -> str:
    try:
        text = path.read_text(encoding="utf-8").splitlines()[line - 1].strip()
    except (OSError, IndexError, UnicodeDecodeError):
        return f"{path}, line {line}: {message}"
    return f"{path}, line {line}: {message}\n    {text}"
