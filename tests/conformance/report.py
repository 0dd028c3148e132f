#!/usr/bin/python3
"""report.py: which requirement is proven by which tests, and whether they pass.

    report.py programs                the test programs that carry a requirement's id
    report.py check                   TAP: every id is one of requirements.tsv, and docs/conformance.md lists the tests there are
    report.py write FOLDER            prints the table from the TAP logs in FOLDER and writes docs/conformance.md; exit 1 if a row of
                                      level M fails
    report.py print FOLDER            prints only

A test proves a requirement by its id in brackets in its printed name: "[NAT-7 COM-12]". Which tests there are is read from their
sources, what came of them from their logs (tests/run keeps them in $TAP_DIR): a row passes if each of its tests ran and passed.
"""
import collections
import glob
import os
import re
import sys

REQUIREMENTS = "tests/conformance/requirements.tsv"
REPORT = "docs/conformance.md"
TAG = re.compile(r"\[((?:COM|FW|NAT|RTR)-\d+(?: +(?:COM|FW|NAT|RTR)-\d+)*)\]")
GROUPS = [("COM", "Every VNF"), ("FW", "Firewall"), ("NAT", "NAT"), ("RTR", "Router")]
Row = collections.namedtuple("Row", "id level clause text")


def requirements():
    with open(REQUIREMENTS, encoding="utf-8") as file:
        return [Row(*line.rstrip("\n").split("\t")) for line in file if not line.startswith("#")]


def ids_in(text):
    return [one for tag in TAG.findall(text) for one in tag.split()]


# ---- what the sources carry ----

def names_in(path):
    """The parts of a source that can be names of tests."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".scn"):
        return re.findall(r"^case .*", text, re.M)
    if path.endswith(".c"):
        return re.findall(r'"[^"\n]*"', re.sub(r'"\s*\n\s*"', "", text))
    return [line for line in text.splitlines() if not line.lstrip().startswith("#")]


def sources():
    return sorted(glob.glob("tests/unit/**/test_*.c", recursive=True) + glob.glob("tests/scenario/*/*.scn") +
                  glob.glob("tests/malformed/*.c") + glob.glob("tests/system/*.sh"))


def tests_by_id():
    """{id: {source: number of tests}}"""
    found = collections.defaultdict(collections.Counter)
    for path in sources():
        for name in names_in(path):
            for one in set(ids_in(name)):
                found[one][path] += 1
    return found


def program_of(source):
    """As tests/run names it, below the build folder or the source tree."""
    for folder, program in (("tests/scenario/", "bin/renga-scenario"), ("tests/malformed/", "bin/renga-malformed")):
        if source.startswith(folder):
            return program
    return source[:-2] if source.endswith(".c") else source


# ---- what came of them ----

def results(folder, source):
    """{id: [passed, failed]} in the log of the program that the source belongs to, and "skipped"; None if it did not run, or changed since."""
    log = os.path.join(folder, program_of(source).replace("/", "_") + ".tap")
    if not os.path.exists(log) or os.path.getmtime(log) < os.path.getmtime(source):
        return None
    counts = collections.defaultdict(lambda: [0, 0])
    with open(log, encoding="utf-8", errors="replace") as file:
        for line in file:
            match = re.match(r"(not )?ok\b", line)
            if match and re.search(r"# *skip", line, re.I):
                counts["skipped"][0] += 1
                continue
            if not match:
                continue
            if source.endswith(".scn") and source.removeprefix("tests/scenario/") + ":" not in line:
                continue
            for one in set(ids_in(line)):
                counts[one][1 if match.group(1) else 0] += 1
    return counts


def outcome(one, tests, logs):
    """pass, fail (also if a test is missing in a program that ran), not built, or not run: one was skipped, or had no turn."""
    if not tests:
        return "not built"
    words = set()
    for source, wanted in tests.items():
        log = logs[source]
        passed, failed = log.get(one, [0, 0]) if log is not None else [0, 0]
        excused = log is None or log["skipped"][0] > 0
        words.add("fail" if failed else "pass" if passed >= wanted else "not run" if excused else "fail")
    return next(word for word in ("fail", "not run", "pass") if word in words)


def outcomes(folder, rows, tests):
    logs = {source: results(folder, source) for source in {path for one in tests.values() for path in one}}
    return {row.id: outcome(row.id, tests.get(row.id), logs) for row in rows}


# ---- the report ----

def where(tests):
    return ", ".join(f"{path.removeprefix('tests/')}{f' ({n})' if n > 1 else ''}" for path, n in sorted(tests.items()))


def summary(rows, result):
    lines = ["| level | rows | pass | fail | not run | not built |", "|---|---|---|---|---|---|"]
    for level, name in (("M", "M (must)"), ("S", "S (should)"), ("B", "B (beyond)")):
        of = [result[row.id] for row in rows if row.level == level]
        lines.append(f"| {name} | {len(of)} | " +
                     " | ".join(str(of.count(word)) for word in ("pass", "fail", "not run", "not built")) + " |")
    return lines


def document(rows, tests, result):
    lines = ["# Conformance", "",
             "Written by `make conformance`: every requirement of the VNFs, and what the tests that carry its id said. A row passes if",
             "each of its tests ran and passed; *not run* means that one was skipped on this machine (no huge pages, no data), *not built*",
             "that no test carries the id. What a row marks S or B within its text is a wish beyond its own level. The requirements are in",
             "[requirements.tsv](../tests/conformance/requirements.tsv); files are those below `tests/`.", "", *summary(rows, result)]
    for prefix, title in GROUPS:
        lines += ["", f"## {title}", "", "| id | level | clause | requirement | result | tests |", "|---|---|---|---|---|---|"]
        for row in rows:
            if row.id.startswith(prefix + "-"):
                of = tests.get(row.id, {})
                cells = [row.id, row.level, row.clause, row.text, result[row.id], f"{sum(of.values())}: {where(of)}" if of else "0"]
                lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def committed():
    if not os.path.exists(REPORT):
        return "", {}
    with open(REPORT, encoding="utf-8") as file:
        text = file.read()
    return text, dict(re.findall(r"^\| ([A-Z]+-\d+) \| .* \| (pass|fail|not run|not built) \| \d+(?::[^|]*)? \|$", text, re.M))


def print_table(rows, tests, result):
    for row in rows:
        print(f"{row.id:<7} {row.level}  {result[row.id]:<9}  {sum(tests.get(row.id, {}).values()):3}  {row.clause:<28.28}  {row.text:.80}")
    print("\n".join(["", *summary(rows, result)]))


# ---- commands ----

def write(folder, keep):
    rows, tests = requirements(), tests_by_id()
    result = outcomes(folder, rows, tests)
    print_table(rows, tests, result)
    if not keep:
        with open(REPORT, "w", encoding="utf-8") as file:
            file.write(document(rows, tests, result))
    return any(row.level == "M" and result[row.id] == "fail" for row in rows)


def check():
    rows, tests = requirements(), tests_by_id()
    text, said = committed()
    unknown = sorted(set(tests) - {row.id for row in rows})
    print("1..2")
    print("not ok" if unknown else "ok", "1 - every id that a test carries is a requirement's")
    for one in unknown:
        print(f"# {one}: {where(tests[one])}")
    result = {row.id: said.get(row.id, "not run") if tests.get(row.id) else "not built" for row in rows}
    stale = [row.id for row in rows if tests.get(row.id) and said.get(row.id) == "not built"]
    good = not stale and document(rows, tests, result) == text
    print("ok" if good else "not ok", f"2 - {REPORT} lists the tests that there are")
    if not good:
        print("# `make conformance` writes it anew", *stale)
    return bool(unknown) or not good


def main(args):
    if args == ["programs"]:
        print("\n".join(sorted({program_of(path) for of in tests_by_id().values() for path in of})))
        return 0
    if args == ["check"]:
        return check()
    if len(args) == 2 and args[0] in ("write", "print"):
        return write(args[1], args[0] == "print")
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
