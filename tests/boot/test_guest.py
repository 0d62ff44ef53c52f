"""The guest programs of tests/guest, their TAP counted line by line."""

import os
import re

from results import test

TAP_LINE = re.compile(r"^(not )?ok\b[ \d]*-? ?(.*)$")


def count_tap(record, program, text, status):
    """Add one program's TAP to the record; a short plan is a failure."""
    planned, seen = None, 0
    for line in text.splitlines():
        plan = re.match(r"^1\.\.(\d+)", line)
        match = TAP_LINE.match(line)
        if plan:
            planned = int(plan.group(1))
        elif match:
            seen += 1
            what = "%s: %s" % (program, match.group(2))
            if "# SKIP" in match.group(2):
                record.skip(*what.split("# SKIP", 1))
            else:
                record.ok(not match.group(1), what, text)
    record.ok(seen and planned == seen and status == 0,
              "%s: runs to its end" % program,
              "status %d, %d of %s results: %s" % (status, seen, planned,
                                                   text[-500:]))


def run_programs(record, smp, among="", extra=(), before=":"):
    """Run those whose names begin with `among` and hold what --guest says."""
    pattern = record.options.guest or ""
    with record.machine(image="tests/root.ext2", smp=smp,
                        extra=extra) as machine:
        machine.expect_shell()
        machine.run(before)
        programs = machine.out("cat /tests/list").split()
        for program in programs:
            if pattern not in program or not program.startswith(among):
                continue
            text, status = machine.run(
                "cd /tmp; timeout -s KILL 60 /tests/" + program, 90)
            count_tap(record, program, text, status)


@test(kernels=("tine", "linux"))
def guest_one_cpu(record):
    run_programs(record, 1)


@test(kernels=("tine", "linux"))
def guest_two_cpus(record):
    run_programs(record, 2)


@test(kernels=("tine", "linux"))
def guest_steady_clock(record):
    """Shares of a CPU, where time follows instructions, whatever the load.

    Not sleep=off: what waits for the disk would sleep till the next timer."""
    run_programs(record, 1, among="schedule/",
                 extra=("-icount", "shift=4"),
                 before="export STEADY_CLOCK=1")


MANY = int(os.environ.get("SMP") or 1)


@test(level="everyday" if MANY > 2 else "all")
def guest_many_cpus(record):
    """As many as `make test SMP=` says; four if that is no more than two."""
    run_programs(record, MANY if MANY > 2 else 4)


@test(kernels=("tine", "linux"))
def crowd(record):
    """10,000 processes; the clock counts instructions, whatever the load."""
    with record.machine(image="tests/root.ext2", smp=1, mem=1024,
                        extra=("-icount", "shift=0,sleep=off"),
                        limit=120) as machine:
        machine.expect_shell()
        text, status = machine.run("cd /tmp; /tests/process/crowd 10000", 300)
        count_tap(record, "process/crowd 10000", text, status)
