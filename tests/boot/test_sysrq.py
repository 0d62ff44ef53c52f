"""The keys of sysrq: a break and a key on the console, /proc/sysrq-trigger."""

import time

from machine import Machine, Timeout
from results import test

BOTH = ("tine", "linux")
BREAK = "\x01b"  # to QEMU's multiplexer


@test(kernels=BOTH)
def sysrq_keys(record):
    """What a system under way can be asked."""
    with record.machine() as machine:
        machine.expect_shell()
        run = machine.run

        def key(letter, pattern, rule):
            time.sleep(0.3)
            machine.send(BREAK + letter)
            try:
                machine.expect(pattern, 20)
                record.ok(True, rule)
            except Timeout as error:
                record.ok(False, rule, error)

        key("h", r"sysrq: HELP : loglevel\(0-9\)", "a break and h: help")
        key("t", "sysrq: This sysrq operation is disabled",
            "kernel.sysrq forbids to show states")
        run("echo 1 > /proc/sys/kernel/sysrq; echo 7 > /proc/sys/kernel/printk")
        key("t", r"(?s)sysrq: Show State.*task:init .*task:kthreadd ",
            "1 allows it")
        time.sleep(2)
        run("echo 3 > /proc/sys/kernel/printk; echo 0 > /proc/sys/kernel/sysrq; dmesg -c > /dev/null")
        time.sleep(0.3)
        machine.send(BREAK + "e")
        machine.send("cho ty''ped\n")
        machine.expect("typed\r")
        text = run("dmesg")[0]
        record.ok("sysrq" not in text,
                  "0: what follows the break is typed", text)
        run("sleep 1234 & sleep 1")
        text = run("echo e > /proc/sysrq-trigger; sleep 1; "
                   "pgrep -f 'sleep 1234' || echo gone")[0]
        record.contains(text, ["gone"], "e ends all but init")
        run("head -c 40m /dev/zero | tail -c 40m | sleep 4321 &")
        run("until grep -q 'VmRSS:.* [4-9].... kB' "
            "/proc/$(pidof tail)/status; do sleep 0.2; done", 60)
        text = run("echo f > /proc/sysrq-trigger; sleep 2; "
                   "dmesg | grep 'Killed process'")[0]
        record.contains(text, ["(tail)"], "f kills what is largest")
        machine.send("echo i > /proc/sysrq-trigger\n")
        machine.expect("sysrq: Kill All Tasks")
        machine.expect_shell(60)
        record.ok(machine.out("echo back") == "back",
                  "i kills all but init, which starts the shell again")
        run("pkill sleep")


def ends(record, how, pattern, rule):
    """HOW is typed; PATTERN is seen."""
    machine = Machine(record.name, kernel=record.kernel, append="panic=-1")
    try:
        machine.expect_shell()
        how(machine)
        machine.expect(pattern, 30)
        record.ok(True, rule)
        return machine.wait_exit(60)
    except Timeout as error:
        record.ok(False, rule, error)
        return None
    finally:
        machine.clean_up()


@test(kernels=BOTH)
def sysrq_ends(record):
    """And what ends it."""
    status = ends(record,
                  lambda machine: machine.send(
                      "echo c > /proc/sysrq-trigger\n"),
                  "panic - not syncing: sysrq triggered crash", "c: a panic")
    record.ok(status == (33 if record.kernel == "tine" else 0),
              "which ends the machine", status)

    def read_only(machine):
        text = machine.out("echo u > /proc/sysrq-trigger; sleep 2; "
                           "touch /home/x; grep ' / ' /proc/mounts")
        record.contains(text, ["Read-only file system", " ro,"],
                        "u: file systems are read-only")
        machine.send("echo b > /proc/sysrq-trigger\n")

    status = ends(record, read_only, "sysrq: Resetting", "b: restart")
    record.ok(status == 0, "which QEMU was told to take for an end", status)
    status = ends(record, lambda machine: machine.send(BREAK + "o"),
                  "sysrq: Power Off", "a break and o: off")
    record.ok(status == 0, "the machine is off", status)

    def no_memory(machine):
        machine.run("echo 1 > /proc/sys/vm/panic_on_oom; "
                    "echo 1 > /proc/sys/vm/overcommit_memory")
        machine.send("tail -c 400m /dev/zero\n")

    ends(record, no_memory, "panic - not syncing: Out of memory: "
         "(system-wide|compulsory) panic_on_oom is enabled", "panic_on_oom")
