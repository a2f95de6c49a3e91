"""Compare estimators of importance over simulated searches whose truth is known.

    python benchmarks/importance/run.py                          a small part: searches of 49, one or two minutes
    python benchmarks/importance/run.py --family reporting --sizes 27,49,150,600,10000 --seeds 100 --output measured.csv
    python benchmarks/importance/run.py --table measured.csv     the tables of docs/importance.md

A line of the output: family, problem, size, estimator, seed, whether the top parameter came first, the largest share of
a decoy among all shares, seconds; of ours also whether the top parameter and a decoy were told from chance, whether any
parameter was, and the interval of the top parameter.
"""

import argparse
import csv
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import fmean

sys.path.insert(0, str(Path(__file__).parent))

from estimators import ESTIMATORS, judged
from problems import CHOOSING, DECOYS, REPORTING, Problem, search_of

FAMILIES = {"choosing": (CHOOSING, 0), "reporting": (REPORTING, 10_000)}
NAMES = (
    "family",
    "problem",
    "size",
    "estimator",
    "seed",
    "first",
    "decoy",
    "seconds",
    "told",
    "decoy_told",
    "any_told",
)
ENDS = ("share", "low", "high")


def measured(family: str, problem: Problem, size: int, estimator: str, seed: int) -> dict[str, object]:
    """One simulated search, judged by one estimator."""
    search = search_of(problem, size, FAMILIES[family][1] + seed)
    begin = time.process_time()
    found = ESTIMATORS[estimator](search)
    seconds = time.process_time() - begin
    total, best = sum(found.values()) or 1.0, max(found, key=lambda name: found[name])
    line: dict[str, object] = {
        "family": family,
        "problem": problem.name,
        "size": size,
        "estimator": estimator,
        "seed": seed,
        "first": int(best == problem.top and found[best] > 0) if problem.top else "",
        "decoy": round(max(found[name] for name in DECOYS) / total, 4),
        "seconds": round(seconds, 3),
    }
    if estimator == "ours":
        all_of_them = judged(search)
        line["decoy_told"] = int(any(all_of_them[name].is_told for name in DECOYS))
        line["any_told"] = int(any(one.is_told for one in all_of_them.values()))
        if problem.top:
            top = all_of_them[problem.top]
            line |= {"told": int(top.is_told), "share": top.share, "low": top.low, "high": top.high}
    return line


def lines_of(arguments: argparse.Namespace) -> Iterator[dict[str, object]]:
    """All that was asked for, one after the other."""
    for size in map(int, arguments.sizes.split(",")):
        for problem in FAMILIES[arguments.family][0]:
            for estimator in arguments.estimators.split(","):
                for seed in range(arguments.seeds):
                    yield measured(arguments.family, problem, size, estimator, seed)


def table(lines: Iterable[dict[str, str]], family: str) -> str:
    """Searches in which the top parameter came first, by problem for each size; then what is known by size alone."""
    own = [line for line in lines if line["family"] == family]
    names = [name for name in ESTIMATORS if any(line["estimator"] == name for line in own)]
    text = f"| configurations | problem | {' | '.join(names)} |\n|--:|---|{'--:|' * len(names)}\n"
    clear = {problem.name for problem in FAMILIES[family][0] if problem.is_clear}
    for size in sorted({int(line["size"]) for line in own}):
        here = [line for line in own if int(line["size"]) == size and line["first"]]
        groups = {p.name: [x for x in here if x["problem"] == p.name] for p in FAMILIES[family][0] if p.top}
        groups["all that are clear"] = [line for line in here if line["problem"] in clear]
        for problem, found in groups.items():
            cells = (_share([int(x["first"]) for x in found if x["estimator"] == name]) for name in names)
            text += f"| {size:,} | {problem} | {' | '.join(cells)} |\n"
    return f"{text}\n{_summary(own)}"


def _share(found: list[int]) -> str:
    return f"{100 * fmean(found):.0f} % of {len(found)}" if found else "-"


def _summary(lines: list[dict[str, str]]) -> str:
    titles = ("configurations", "estimator", "decoys' share, 95 % quantile", "seconds")
    text = f"| {' | '.join(titles)} |\n|--:|---|--:|--:|\n"
    for size in sorted({int(line["size"]) for line in lines}):
        for name in ESTIMATORS:
            own = [line for line in lines if int(line["size"]) == size and line["estimator"] == name]
            shares = sorted(float(line["decoy"]) for line in own if line["first"])
            if shares:
                seconds = fmean(float(line["seconds"]) for line in own)
                text += f"| {size:,} | {name} | {100 * shares[int(0.95 * len(shares))]:.0f} % | {seconds:.2g} |\n"
    return f"{text}\n{_told(lines)}"


def _told(lines: list[dict[str, str]]) -> str:
    titles = ("configurations", "the top parameter stands out", "a decoy stands out", "anything stands out in noise")
    text = f"| {' | '.join(titles)} |\n|--:|--:|--:|--:|\n"
    mine = [line for line in lines if line["estimator"] == "ours"]
    for size in sorted({int(line["size"]) for line in mine}):
        own = [line for line in mine if int(line["size"]) == size]
        told = [int(line["told"]) for line in own if line["told"]]
        decoys = [int(line["decoy_told"]) for line in own]
        nothing = [int(line["any_told"]) for line in own if line["problem"] == "nothing"]
        found = f"{sum(decoys)} of {len(decoys)} | {sum(nothing)} of {len(nothing)}"
        text += f"| {size:,} | {100 * fmean(told):.0f} % | {found} |\n"
    return text


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", choices=FAMILIES, default="reporting")
    parser.add_argument("--sizes", default="49")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--estimators", default=",".join(ESTIMATORS))
    parser.add_argument("--output", type=Path, help="add the lines to this CSV file")
    parser.add_argument("--table", type=Path, help="print the table of such a file, measure nothing")
    arguments = parser.parse_args()
    if arguments.table:
        with arguments.table.open(newline="") as file:
            print(table(csv.DictReader(file), arguments.family))
        return
    found = []
    is_new = arguments.output is None or not arguments.output.exists()
    with arguments.output.open("a", newline="") if arguments.output else open("/dev/null", "w") as file:
        writer = csv.DictWriter(file, [*NAMES, *ENDS], restval="")
        if is_new:
            writer.writeheader()
        for line in lines_of(arguments):
            writer.writerow(line)
            file.flush()
            found.append({name: str(line.get(name, "")) for name in [*NAMES, *ENDS]})
    print(table(found, arguments.family))


if __name__ == "__main__":
    main()
