"""The plan of a search: pure arithmetic on integers and exact fractions."""

from .brackets import Bracket, Plan, Stage, brackets_for, first_configurations, make_plan, make_stage, stage_budget
from .limits import AGGREGATES, BRACKET_SIZES, HIGHEST_SMAX, PlanError, check_settings, wrong_pattern
from .numbers import bytes_text, counted, exact_number, json_number, number_text, short_number
from .settings import Settings

__all__ = [
    "AGGREGATES",
    "BRACKET_SIZES",
    "HIGHEST_SMAX",
    "Bracket",
    "Plan",
    "PlanError",
    "Settings",
    "Stage",
    "brackets_for",
    "bytes_text",
    "check_settings",
    "counted",
    "exact_number",
    "first_configurations",
    "json_number",
    "make_plan",
    "make_stage",
    "number_text",
    "short_number",
    "stage_budget",
    "wrong_pattern",
]
