"""Training runs start in the order that the plan's schedule says."""

from fractions import Fraction

from hyperband_snakemake.core.plan import Settings, make_plan, number_text
from hyperband_snakemake.planning.simulate import simulate

from ..conftest import FIXTURE, Shell


def test_one_worker_trains_in_the_foretold_order(shell: Shell) -> None:
    """Budgets below one, and more training runs that wait than Snakemake looks at."""
    words = ["generate", "--max-budget", "1", "--min-budget", "1/81", "--output-dir", "S", "--random-seed", "1"]
    shell.run("hyband", *words, "--template-dir", FIXTURE)
    order = shell.cwd / "order"
    shell.snakemake("S", "--cores", "1", res=f'echo $2 >> {order}; echo 0.$x > "$1/result"')
    plan = make_plan(Settings(4, 3, max_budget=Fraction(1)))
    budgets = {(bracket.index, stage.index): number_text(stage.budget) for bracket in plan.brackets for stage in bracket.stages}
    foretold = [budgets[span.bracket, span.stage] for span in simulate(plan, 1).spans]
    assert len(foretold) == 206
    assert order.read_text().split() == foretold
