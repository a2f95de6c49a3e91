"""The kinds of rules in a Snakefile: what each is made of, one value for each rule."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Training:
    """A rule that trains: one configuration (or fold) of a stage, as wildcard, or a pack of them that share a job."""

    name: str
    waits_for: list[str]
    results: list[str]
    outcomes: list[str]
    priority: int
    threads: int
    resources: dict[str, Any]
    command: str


@dataclass(frozen=True)
class Aggregation:
    """A rule that makes one result of those of all folds of a configuration."""

    name: str
    folds: list[str]
    result: str
    outcome: str
    command: str


@dataclass(frozen=True)
class Promotion:
    """A rule that gives the best configurations of a stage the slots of the next one."""

    name: str
    outcomes: list[str]
    table: str
    log: str
    command: str


@dataclass(frozen=True)
class Proposal:
    """A rule that fills stage 0 of a bracket with configurations that are proposed while the search runs."""

    name: str
    learns_from: list[str]
    proposal: str
    log: str
    command: str
