"""Long runs, for test-all; their lengths are parameters (see `run --help`)."""

import re
import time

from results import test
from test_guest import count_tap


def free_kib(machine):
    """Free memory with the caches let go, in KiB."""
    machine.run("sync; echo 3 > /proc/sys/vm/drop_caches 2>/dev/null")
    return int(re.search(r"MemFree:\s+(\d+)",
                         machine.out("cat /proc/meminfo")).group(1))


def slab_objects(machine):
    """The objects in use, by cache; {} where /proc/slabinfo is not exact."""
    if machine.kernel == "linux":
        return {}
    text = machine.out("cat /proc/slabinfo")
    return {name: int(count) for name, count in
            re.findall(r"(?m)^(\S+) +(\d+) +\d+ +\d+ ", text)}


# What each task has some of: of these not one may stay.
TASK_CACHES = ("task_struct", "signal_cache", "pid", "mm_struct",
               "vm_area_struct", "filp", "sigqueue")


def same_objects(record, before, after, what):
    """No task's object stays; of others, a few that are made at first use.  An
    idle CPU keeps the page tables of the last program it ran."""
    for name in TASK_CACHES if before else ():
        kept = record.options.smp if name == "mm_struct" else 0
        record.ok(name in after and after[name] <= before[name] + kept,
                  "%s: no %s stays" % (what, name),
                  "%s before, %s after" % (before.get(name), after.get(name)))
    grown = {name: (before.get(name, 0), count)
             for name, count in after.items()
             if name.startswith("kmalloc") and
             count > before.get(name, 0) + 16}
    record.ok(not grown, "%s: nothing else does" % what, str(grown))


def no_leak(record, before, after, what):
    record.ok(after > before * 0.99, "%s: memory comes back" % what,
              "%d KiB before, %d after" % (before, after))


@test(level="soak")
def soak_forks(record):
    """Forks in a loop."""
    count = record.options.forks
    with record.machine(limit=120) as machine:
        machine.expect_shell()
        machine.run("for i in $(seq 200); do (:); done")
        before = free_kib(machine)
        machine.run("i=0; while [ $i -lt %d ]; do (:); i=$((i+1)); done" %
                    count, 60 + count // 20)
        no_leak(record, before, free_kib(machine), "%d forks" % count)


# What is made and goes again: a name, and a command for the shell.
BURSTS = (
    ("300 processes", "for i in $(seq 300); do sleep 60 & done 2>/dev/null;"
     " kill $(jobs -p); wait 2>/dev/null"),
    ("2,000 pipelines", "for i in $(seq 2000); do echo $i | cat > /dev/null;"
     " done"),
    ("5,000 files", "mkdir /root/many; for i in $(seq 5000); do echo $i >"
     " /root/many/$i; done; rm -r /root/many"),
    ("files in memory", "mkdir /tmp/many; for i in $(seq 2000); do echo $i >"
     " /tmp/many/$i; done; rm -r /tmp/many"),
    ("200 mounts", "for i in $(seq 200); do mount -t tmpfs none /mnt &&"
     " echo $i > /mnt/file; umount /mnt; done"),
    ("a big file", "head -c 50000000 /dev/zero > /root/big; cat /root/big >"
     " /dev/null; rm /root/big"),
)


@test(level="soak")
def soak_bursts(record):
    """Memory comes back from whatever it was used for."""
    with record.machine(mem=64, limit=120) as machine:
        machine.expect_shell()
        machine.run("for i in $(seq 50); do echo $i | cat > /dev/null; done")
        for what, command in BURSTS:
            before = free_kib(machine)
            machine.run(command, 300)
            no_leak(record, before, free_kib(machine), what)


@test(level="soak")
def soak_boots(record):
    """Boots in a row."""
    began = time.time()
    for number in range(record.options.boots):
        with record.machine(limit=60, smp=record.options.smp) as machine:
            machine.expect_shell()
            record.ok(machine.power_off() == 0, "boot %d" % number)
    record.notes.append("%.1f s for a boot with %d CPUs" % (
        (time.time() - began) / max(record.options.boots, 1),
        record.options.smp))


@test(level="soak")
def soak_files(record):
    """find and md5sum through pipes for a while."""
    with record.machine(limit=120) as machine:
        machine.expect_shell()
        # The shell itself writes its history with each command.
        loop = ("find / -xdev -type f ! -name .ash_history | xargs md5sum |"
                " sort | md5sum")
        first = machine.out(loop, 600)
        before = free_kib(machine)
        end = time.time() + 60 * record.options.minutes
        rounds = 0
        while time.time() < end:
            rounds += 1
            if not record.ok(machine.out(loop, 600) == first, "the same sums",
                             "round %d" % rounds):
                break
        no_leak(record, before, free_kib(machine), "%d rounds" % rounds)


@test(level="soak", kernels=("tine", "linux"))
def soak_mixed(record):
    """Everything at once for a while; nothing may be lost."""
    seconds = int(60 * record.options.minutes)
    with record.machine(image="tests/root.ext2", smp=record.options.smp,
                        limit=120) as machine:
        machine.expect_shell()
        # Once before: what is made at the first use stays.
        machine.run("cd /tmp; /tests/stress/mixed 5", 400)
        before = free_kib(machine)
        text, status = machine.run("/tests/stress/mixed %d" % seconds,
                                   seconds + 600)
        count_tap(record, "mixed", text, status)
        record.notes += re.findall("# (rounds:.*)", text)[-1:]
        no_leak(record, before, free_kib(machine), "a mixed load")


def soak_program(record, program):
    """One program of tests/guest/stress for long: nothing may be left."""
    seconds = int(60 * record.options.minutes)
    command = "cd /tmp; /tests/stress/%s %%d" % program
    with record.machine(image="tests/root.ext2", smp=record.options.smp,
                        limit=120) as machine:
        machine.expect_shell()
        machine.run(command % 10, 400)
        free, slabs = free_kib(machine), slab_objects(machine)
        text, status = machine.run(command % seconds, seconds + 600)
        count_tap(record, program, text, status)
        record.notes += re.findall("# (rounds:.*)", text)[-1:]
        no_leak(record, free, free_kib(machine), program)
        same_objects(record, slabs, slab_objects(machine), program)


@test(level="soak", kernels=("tine", "linux"))
def soak_threads(record):
    """200 threads, made and joined again and again."""
    soak_program(record, "threads")


@test(level="soak", kernels=("tine", "linux"))
def soak_vfork(record):
    """vfork and exec."""
    soak_program(record, "vforks")


@test(level="soak", kernels=("tine", "linux"))
def soak_signals(record):
    """Signal storms between 50 processes."""
    soak_program(record, "storms")


@test(level="soak", kernels=("tine", "linux"))
def soak_forks_threads(record):
    """Threads that fork while others exec and exit."""
    soak_program(record, "forks")


@test(level="soak", kernels=("tine", "linux"))
def soak_futex(record):
    """Requeue, locks that lend priority, owners that die."""
    soak_program(record, "futexes")


@test(level="soak", kernels=("tine", "linux"))
def soak_calls(record):
    """Calls by chance: the machine lives, and nothing is left of them."""
    soak_program(record, "calls")
