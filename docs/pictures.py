"""Draw the pictures of README and site from a real search, that of the tutorial: python docs/pictures.py.

Needs what the tests need, and a Chromium in PATH. Large learning rates fail, so that there is something to see.
"""

import io
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import NIGHT_OWLISH, SVG_EXPORT_THEME

from hyperband_snakemake.snapshot.pace import PaceReader
from hyperband_snakemake.snapshot.scan import Snapshot, scan
from hyperband_snakemake.views.fitting import Look
from hyperband_snakemake.views.live import view

DOCS = Path(__file__).parent
PICTURES = DOCS / "pictures"
THEMES = {"light": NIGHT_OWLISH, "dark": SVG_EXPORT_THEME}
FAILS = 'if args.lr > 0.8:\n    raise FloatingPointError(f"diverged with lr {args.lr:.2g}")\n'
COMMANDS = """
hyband init my-templates --result metrics.json:val_loss -- \\
    python3 train.py --lr '~log(1e-4, 1)' --momentum '~uniform(0, 0.99)' --epochs 27 --out DIR
hyband generate --max-budget 27 --template-dir my-templates --output-dir my-search --random-seed 1 --retries 0
"""


def main() -> None:
    """Write all pictures to docs/pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
        program = text.split('```python title="train.py"\n')[1].split("```")[0]
        (place / "train.py").write_text(program.replace("points = random", f"{FAILS}\npoints = random"))
        subprocess.run(["bash", "-euc", COMMANDS], cwd=place, check=True)
        running = subprocess.Popen(["hyband", "run", "my-search", "--cores", "2"], cwd=place, stdout=subprocess.DEVNULL)
        begun = time.time()
        draw_live(half_way(place / "my-search"), begun)
        running.wait()
        subprocess.run(["hyband", "report", "my-search", "-o", "report.html"], cwd=place, check=True)
        draw_report(place / "report.html")


def half_way(search: Path) -> Snapshot:
    """Wait until most of the budget is spent and something runs; what is on disk then."""
    while True:
        snapshot = scan(search)
        if snapshot.spent >= snapshot.plan.budget * 6 / 10:
            return snapshot
        time.sleep(0.2)


def draw_live(snapshot: Snapshot, begun: float) -> None:
    """The live view, as SVG without fonts from elsewhere."""
    look = Look(110, 26)
    for scheme, theme in THEMES.items():
        console = Console(record=True, width=look.width, file=io.StringIO(), force_terminal=True)
        console.print(view(snapshot, PaceReader().pace(snapshot), begun, time.time(), look=look))
        svg = console.export_svg(title="hyband run my-search", theme=theme)
        svg = re.sub(r"@font-face \{.*?\}\n", "", svg, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")
        (PICTURES / f"live-{scheme}.svg").write_text(svg, encoding="utf-8")


def draw_report(page: Path) -> None:
    """The first screen of the report, as PNG."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for scheme in THEMES:
            tab = browser.new_context(color_scheme=scheme, viewport={"width": 1200, "height": 900}).new_page()
            tab.goto(page.as_uri())
            tab.wait_for_selector("html[data-drawn=yes]", state="attached")
            tab.screenshot(path=PICTURES / f"report-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main()
