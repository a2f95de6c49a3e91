"""Everything that can go wrong and that the user can fix.

::

    HybandError            shown as "Error: ..." without a traceback, exit status 1
    ├── UsageError         a value on the command line is out of range, exit status 2
    ├── TemplateError      a template cannot be read or rendered; the text names it, and the line where there is one
    ├── SpaceTooSmall      fewer distinct configurations than the search needs
    ├── DirectoryInUse     the output directory holds something that must not be lost
    └── NotASearch         the directory is not a search, or one that this version cannot read

    ValueError             core is copied into searches and has no HybandError; the commands translate these
    ├── PlanError          a number of a plan is out of range, or plan.json is not a plan; carries the option's name
    └── OptionError        slurm.toml, limits.toml or an option for them is not valid; carries the option's name

Any other exception is a bug in this package and shows its traceback.
"""


class HybandError(Exception):
    """Base of all errors that the user can fix."""

    exit_code = 1


class UsageError(HybandError, ValueError):
    """A value is out of range."""

    exit_code = 2


class TemplateError(HybandError):
    """A template cannot be read or rendered."""


class SpaceTooSmall(HybandError):
    """The template yields fewer distinct configurations than the search needs."""


class DirectoryInUse(HybandError):
    """Writing would replace existing files or mix with them."""


class NotASearch(HybandError):
    """The directory is not a search that this version can read."""
