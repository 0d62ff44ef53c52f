"""Files that last: big ones, many of them, and across a power-off."""

import hashlib
import os

from machine import BUILD, Machine
from results import test

MEGABYTES = 64
FILES = 5000


def expected_digest():
    """The digest of the file that the guest makes with yes and head."""
    line = b"tine keeps what it is given\n"
    size = MEGABYTES << 20
    return hashlib.sha256((line * (size // len(line) + 1))[:size]).hexdigest()


def write_files(record, machine):
    run = machine.out
    run("yes 'tine keeps what it is given' | head -c %d > /root/big" %
        (MEGABYTES << 20), 300)
    run("cp /root/big /root/copy && sync", 300)
    for name in ("big", "copy"):
        digest = run("sha256sum /root/" + name, 600).split()[0]
        record.ok(digest == expected_digest(), "sha256sum of " + name, digest)
    run("mkdir /root/tree && cd /root/tree && for d in 0 1 2 3 4 5 6 7 8 9;"
        " do mkdir $d; for i in $(seq %d); do echo $d $i > $d/$i; done; done;"
        " cd /root" % (FILES // 10), 600)
    record.ok(run("find tree -type f | wc -l", 120) == str(FILES),
              "many files are made")
    run("tar cf t.tar tree && mv tree old && tar xf t.tar", 600)
    record.ok(run("diff -r old tree && echo same", 600) == "same",
              "a tar comes out as it went in")
    record.ok(run("rm -r old t.tar && ls -d old t.tar 2>/dev/null | wc -l",
                  300) == "0", "they are removed")
    run("for i in 1 2 3 4 5 6 7 8 9 10; do find / -xdev > /tmp/found || break;"
        " done; sync", 600)
    record.ok(int(run("wc -l < /tmp/found")) > FILES, "find /, ten times")


def verify_files(record, machine, when):
    digest = machine.out("sha256sum /root/big", 600).split()[0]
    record.ok(digest == expected_digest(), "the big file, " + when, digest)
    record.ok(machine.out("find /root/tree -type f | wc -l", 300) ==
              str(FILES), "the tree, " + when)
    record.ok(machine.out("cat /root/tree/3/77") == "3 77",
              "a file's words, " + when)


@test(kernels=("tine", "linux"))
def files_last(record):
    """Big file, many files; poweroff and boot; reboot and boot again."""
    mem = 64 if record.kernel == "tine" else 128
    with record.machine(mem=mem, limit=120) as machine:
        machine.expect_shell()
        write_files(record, machine)
        record.ok(machine.power_off(300) == 0, "power off")
        with record.machine(mem=mem, disk=machine.disk, limit=120) as second:
            second.expect_shell()
            verify_files(record, second, "after poweroff")
            second.send("reboot\n")
            second.wait_exit(300)
        with record.machine(mem=mem, disk=machine.disk, limit=120) as third:
            third.expect_shell()
            verify_files(record, third, "after reboot")


@test(kernels=("tine",))
def files_pressure(record):
    """Four writers of more than there is memory; nobody is killed."""
    with record.machine(mem=24, limit=120) as machine:
        machine.expect_shell()
        machine.run("for i in 1 2 3 4; do (yes $i | head -c 12000000 >"
                    " /root/$i) & done; find / -xdev > /tmp/found; wait", 300)
        for number in "1234":
            want = hashlib.md5((number + "\n").encode() * 6000000).hexdigest()
            record.ok(machine.out("md5sum < /root/%s" % number, 120)
                      .split()[0] == want, "the file of writer " + number)
        record.ok("oom-killer" not in machine.log, "nobody was killed")


@test(kernels=("tine",))
def files_too_much(record):
    """Ten programs want more memory than there is: some are killed, while both
    CPUs look for pages, and the rest of the system goes on."""
    with record.machine(mem=32, smp=2, limit=120) as machine:
        machine.expect_shell()
        sums = machine.out(
            "for i in 1 2; do for j in 1 2 3 4 5; do (head -c 20000000"
            " /dev/zero | tail | md5sum) & done; wait; done"
            " 2>&1", 300)
        record.ok("Out of memory: Killed process" in machine.log,
                  "some are killed")
        record.ok("I/O error" not in sums and "allocate" not in sums,
                  "a pipe's writer kills rather than fails", sums)
        record.ok(machine.out("echo still here", 60) == "still here",
                  "the shell lives")
        record.ok(machine.power_off() == 0, "the machine stops in order")


@test(kernels=("tine",))
def files_other_kernel(record):
    """The same image under Linux, written, and read back under Tine."""
    disk = None
    first = Machine(record.name, kernel="linux")
    try:
        disk = first.disk
        first.expect_shell()
        first.run("echo from linux > /root/note; sync")
        record.ok(first.power_off() == 0, "the image boots Linux")
        with record.machine(disk=disk) as second:
            second.expect_shell()
            record.ok(second.out("cat /root/note") == "from linux",
                      "what Linux wrote")
    finally:
        first.clean_up()


@test(kernels=("tine", "linux"))
def files_read_only(record):
    """A root mounted read-only refuses to be written."""
    before = os.path.getsize(os.path.join(BUILD, "root.ext2"))
    with record.machine(root="root=/dev/vda ro") as machine:
        machine.expect_shell()
        record.ok("Read-only" in machine.out("touch /root/x 2>&1"),
                  "EROFS on a read-only root")
        machine.run("mount -o remount,rw / && touch /root/x && sync")
        record.ok(machine.out("ls /root/x") == "/root/x", "remounted")
    record.ok(before > 200 << 20, "the root image is at least 200 MB")
