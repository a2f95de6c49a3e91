"""The programs that print a score, for run.sh: short, with the standard library alone, and never a number by mistake.

Each prints the number, or ends with a sentence that says why there is none. A last ``nan`` is printed as it is, and
counts as a failure: the number before it would be that of a training run that has diverged since.
"""

FIND = r"""
import glob, os, sys  # the newest of these files
root, pattern = sys.argv[1:3]
files = [os.path.join(root, file) for file in glob.glob(pattern, root_dir=root, recursive=True)]
sys.argv[1:3] = [max(files, key=os.path.getmtime, default=os.path.join(root, pattern))]
"""
_OF_MANY = {  # where a nan stands makes no difference
    "last": "numbers[-1]",
    "mean": "sum(numbers) / len(numbers)",
    "min": "min((number for number in numbers if number == number), default=numbers[-1])",
    "max": "max((number for number in numbers if number == number), default=numbers[-1])",
}
_READ = r"""
try:
    with open(path, "rb") as file:
        raw = file.read()
except OSError as error:
    sys.exit(f"No score: {error}")
is_wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff") and b"\0" in raw
text = raw.decode("utf-16" if is_wide else "utf-8-sig", "replace")
"""
_JSON = r"""
try:
    data = value = json.loads(text)
except ValueError as error:
    try:
        data = value = [json.loads(line) for line in text.split("\n") if line.strip()]  # one in each line
    except ValueError:
        sys.exit(f"No score: {path} is not JSON: {error}")
try:
    for part in [key] if key in data else key.split("."):
        if isinstance(value, list) and not re.fullmatch(r"-?\d+", part):  # that of each which has it
            value = [each[part] for each in value if part in each]
        else:
            value = value[int(part) if isinstance(value, list) else part]
    numbers = [float(each) for each in (value if isinstance(value, list) else [value])]
    print(@)
except (ValueError, TypeError, LookupError, ZeroDivisionError):
    sys.exit(f"No score: {path} has no number {key!r}, but {json.dumps(data)[:300]}")
"""
_ENDED = r"""
def end_at_nan(rows):  # which is an empty cell for pandas, and null for many that write JSON
    has = [{name for name in row if row[name] not in (None, "")} for row in rows]
    last = max([n for n, names in enumerate(has) if key in names], default=0)
    later = has[last + 1 :]  # rows that lack what all before had, and have nothing else
    if later and all(key in names for names in has[:last]) and all(names < has[last] for names in later):
        if last or min(map(len, later)) < len(has[0]) - 1:
            sys.exit(f"No score: {path} has no {key!r} any more after row {last + 1} of {len(rows)}, as if it were nan")
"""
_JSONL = r"""
try:
    lines = [json.loads(line) for line in text.split("\n") if line.strip()]
except ValueError as error:
    sys.exit(f"No score: not every line of {path} is JSON: {error}")
try:
    rows = [dict(line) if isinstance(line, dict) else {} for line in lines]
    for row in rows:
        value = row
        for part in [key] if key in row else key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        row[key] = value
    numbers = [float(row[key]) for row in rows if row[key] is not None]
    end_at_nan(rows)
    print(@)
except (ValueError, TypeError, LookupError, ZeroDivisionError):
    sys.exit(f"No score: no line of {path} has a number {key!r}")
"""
_CSV = r"""
lines = text.replace("\r\n", "\n").split("\n")
while lines[0].startswith("#") and key not in lines[0]:  # a comment before the header
    lines.pop(0)
names, rows = [], []
try:
    csv.field_size_limit(2**31 - 1)
    between = max(",;\t", key=lines[0].count)
    for cells in csv.reader(io.StringIO("\n".join(lines)), delimiter=between, skipinitialspace=True):
        cells = [cell.strip() for cell in cells]
        if not names or cells[:1] == names[:1] != [""]:  # a header, again where a program has appended
            names = cells
        elif any(cells[len(names) :]):
            sys.exit(f"No score: a row of {path} has {len(cells)} values for the columns {names}: {cells}")
        elif cells:
            rows.append(dict(zip(names, cells)))
    numbers = [float(row[key]) for row in rows if row.get(key)]
    end_at_nan(rows)
    print(@)
except (ValueError, TypeError, LookupError, ZeroDivisionError, csv.Error):
    last = [row[key] for row in rows if row.get(key)][-3:]
    sys.exit(f"No score: {path} has no number in a column {key!r}, but {last}; its columns are {names}")
"""
_PRINTED = r"""
text = re.sub(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\))", "", text)  # colours
text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\N{MINUS SIGN}", "-")
number = r"(?:\d+\.?\d*|\.\d+)(?:[eEdD][-+]?\d+)?"
nothing = r"[-+]?(?:\d\.#\w+|\b(?i:nan|inf(?:inity)?|none|null|n/?a)\b)"
comma = r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d{3})*,\d+)(?![\d.,]*\d)"  # 1,234.5 or 0,5
"""
_LAST_NUMBER = r"""
text = re.sub(rf"(\xb1|\+/?-) *{number}|device='\S*'", "", text)  # as in 0.9 +/- 0.1
found = re.findall(rf"{comma}|{nothing}|(?<![\w.])[-+]?{number}", text)
if not found or "," in found[-1]:
    sys.exit(f"No score: {found[-1]!r} has a comma" if found else f"No score: there is no number in {where}")
print(found[-1])
"""
_LAST_LINE = r"""
lines = [line for line in text.split("\n") if line.strip()]
where = f"the last line that was printed: {lines[-1:]}"
text = lines[-1] if lines else ""
"""
_LOG = r"""
# A nan or -0.5 counts also if ([0-9.]+) does not match it: else it would be passed over for an earlier number.
wider = re.sub(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?P<\w+>|(?!\?))",
    lambda part: part[0] + (f"{nothing}|[-+]{number}|" if part[0][0] == "(" else ""),
    pattern,
)
spans = [match.span(match.re.groups) for match in re.finditer(wider, text, re.M)]
if not spans:
    sys.exit(f"No score: nothing printed matches {pattern!r}")
begin, end = spans[-1]
score = text[begin:end].strip(" .,;%")
line = text.rfind("\n", 0, begin) + 1
for match in re.finditer(rf"{comma}|[-+]?{number}", text[line:].partition("\n")[0]):
    start = line + match.start()
    if re.fullmatch(rf"[-+]?{number}", score) and start < end and begin < line + match.end():
        score = match[0][1:] if start == begin - 1 and text[start] in "-+" else match[0]  # all of 1e-05
        break
if not re.fullmatch(rf"{nothing}|[-+]?{number}", score):
    sys.exit(f"No score: {score!r} is not a number, or has a comma")
print(score)
"""
_KEY, _PATTERN, _PATH = "path, key = sys.argv[1:]", "path, pattern = sys.argv[1:]", "path = sys.argv[1]"
_PARTS = {
    "json": ("import json, re, sys", _KEY, _READ, _JSON),
    "jsonl": ("import json, sys", _KEY, _READ, _ENDED, _JSONL),
    "csv": ("import csv, io, sys", _KEY, _READ, _ENDED, _CSV),
    "text": ("import re, sys", _PATH, _READ, "where = path", _PRINTED, _LAST_NUMBER),
    "log": ("import re, sys", _PATTERN, _READ, _PRINTED, _LOG),
    "last-line": ("import re, sys", _PATH, _READ, _PRINTED, _LAST_LINE, _LAST_NUMBER),
}


def program(kind: str, of_many: str = "last") -> str:
    """Give the program that prints the score of this kind; ``of_many`` says which number of a file with many it is."""
    text = "\n".join(part.strip("\n") for part in _PARTS[kind])
    return text.replace("@", _OF_MANY[of_many]) if kind in ("json", "jsonl", "csv") else text
