"""The LTP-style programs of tests/ltp-subset, and their summary.

A program passes if all of its results are TPASS and it ends with status 0.
TCONF is never a pass: for what docs/missing.md lists it is skipped, and on
Linux for what Debian's kernel cannot do here; everywhere else it is a failure.
"""

import os
import re

from machine import ROOT
from results import test

# What the kernel is known not to have: the word that docs/missing.md has it
# under.
MISSING = {
    "clone09": "namespaces",
    "clone303": "cgroups",
    "clone301": "pidfds",
    "prctl04": "seccomp",
    "unshare02": "namespaces",
}

COUNTS = ("passed", "failed", "broken", "skipped", "warnings")


def missing_here(record, name):
    """Why a TCONF of this program is to be expected, or None."""
    word = MISSING.get(name)
    if record.kernel != "tine" or not word:
        return None
    with open(os.path.join(ROOT, "docs/missing.md"), encoding="utf-8") as file:
        lines = [line for line in file if word in line]
    return "docs/missing.md: %s" % word if lines else None


def count_program(record, name, text, status, totals):
    """One program's output and status; each of its results is counted."""
    counts = dict(re.findall(r"(?m)^(%s) +(\d+)$" % "|".join(COUNTS), text))
    for what in COUNTS:
        totals[what] += int(counts.get(what, 0))
    record.passed += int(counts.get("passed", 0))
    bad = re.findall(r"(?m)^.*: (?:TFAIL|TBROK|TWARN): .*", text)
    for line in bad:
        record.failed.append(("%s: %s" % (name, line), text))
    conf = re.findall(r"(?m)^.*: TCONF: (.*)", text)
    why = missing_here(record, name)
    for line in conf:
        if why:
            record.skip("%s: %s" % (name, line), why)
        else:
            record.failed.append(("%s: TCONF: %s" % (name, line),
                                  "not in docs/missing.md"))
    record.ok(len(counts) == len(COUNTS) and (bad or status in (0, 32)),
              "%s: runs to its end" % name,
              "status %d: %s" % (status, text))


def run_programs(record, smp):
    wanted = (record.options.guest or "").split()
    totals = dict.fromkeys(COUNTS, 0)
    with record.machine(image="tests/root.ext2", smp=smp) as machine:
        machine.expect_shell()
        names = machine.out("cat /ltp/list").split()
        for name in names:
            if wanted and not any(name.startswith(word) for word in wanted):
                continue
            text, status = machine.run(
                "cd /tmp; timeout -s KILL 40 /ltp/" + name, 60)
            count_program(record, name, text, status, totals)
    print("%s: %s" % (record.name, ", ".join(
        "%s %d" % (what, totals[what]) for what in COUNTS)))


@test(kernels=("tine", "linux"))
def ltp_one_cpu(record):
    run_programs(record, 1)


@test()
def ltp_two_cpus(record):
    run_programs(record, 2)
