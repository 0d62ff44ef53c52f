"""Job control, states, parents and a fork bomb, as a person sees them."""

import os
import re
import socket
import time

from machine import Timeout
from results import test
from test_session import BOTH

IMAGE = "tests/root.ext2"


class SecondShell:
    """A shell on ttyS1, behind a socket of QEMU's."""

    def __init__(self, machine, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.count = 0
        machine.run("stty -F /dev/ttyS1 sane -echo; setsid sh -c "
                    "'exec sh -i < /dev/ttyS1 > /dev/ttyS1 2>&1' &")
        # What is typed before the prompt may be flushed.
        self.wait(r"# ", 20)

    def wait(self, pattern, limit):
        """Read until a pattern; the match."""
        text, end = "", time.time() + limit
        while not re.search(pattern, text):
            self.socket.settimeout(max(end - time.time(), 0.01))
            try:
                text += self.socket.recv(4096).decode(errors="replace")
            except socket.timeout as error:
                raise Timeout("ttyS1: no %r within %d s: %s" % (
                    pattern, limit, text[-300:])) from error
        return re.search(pattern, text)

    def out(self, command, limit=20):
        """Run a command; what it prints."""
        self.count += 1
        self.socket.sendall(("echo '<'%d'<'; %s; echo '>'%d'>'\n" % (
            self.count, command, self.count)).encode())
        found = self.wait(r"(?s)<%d<\r*\n(.*?)>%d>" % (
            self.count, self.count), limit)
        return found.group(1).replace("\r", "").strip()


def states(machine, pattern):
    """[(pid, ppid, pgid, state)] of the programs whose arguments match."""
    listing = machine.out("ps -o pid,ppid,pgid,stat,args")
    found = []
    for line in listing.splitlines():
        words = line.split(None, 4)
        if len(words) == 5 and words[0] != "PID" and \
                re.search(pattern, words[4]):
            found.append((int(words[0]), int(words[1]), int(words[2]),
                          words[3][0]))
    return found


def until(look, limit=15):
    """Look until it is true, or for @limit seconds; what it was at last."""
    end = time.time() + limit
    while True:
        seen = look()
        if seen or time.time() > end:
            return seen
        time.sleep(0.2)


@test(kernels=BOTH)
def jobs_pipeline(record):
    """A stopped pipeline of three: to the background, to the front, killed."""
    three = r"^(sleep 1001|sleep 1002|cat -u)$"
    with record.machine() as machine:
        machine.expect_shell()

        def all_in(letter):
            seen = states(machine, three)
            return len(seen) == 3 and all(s[3] == letter for s in seen) and seen

        machine.send("sleep 1001 | sleep 1002 | cat -u\n")
        time.sleep(1.5)
        machine.send("\x1a")
        machine.expect("Stopped")
        seen = until(lambda: all_in("T"))
        record.ok(seen, "^Z stops all three", states(machine, "."))
        record.ok(seen and len({s[2] for s in seen}) == 1,
                  "they are one group", seen)
        machine.run("bg")
        seen = until(lambda: all_in("S"))
        record.ok(seen and "Running" in machine.out("jobs"),
                  "bg: all three go on", states(machine, "."))
        machine.send("fg\n")
        time.sleep(1)
        machine.send("\x1a")
        machine.expect("Stopped")
        record.ok(until(lambda: all_in("T")), "fg, and ^Z once more")
        machine.run("kill -CONT %1; kill %1")
        record.ok(until(lambda: not states(machine, three)), "kill ends them",
                  states(machine, "."))
        machine.run("wait")
        record.ok(machine.out("jobs") == "", "no job is left")


@test(kernels=BOTH)
def jobs_share(record):
    """STOP and CONT at 10 Hz for ten seconds: the share that was wanted."""
    with record.machine() as machine:
        machine.expect_shell()
        machine.run("sh -c 'while :; do :; done' & p=$!")
        shares = []
        for off, on in ((50, 50), (75, 25)):
            machine.run("ticks() { set -- $(cat /proc/$p/stat); "
                        "echo $((${14} + ${15})) $(cut -d' ' -f1 /proc/uptime)"
                        "; }")
            text = machine.out(
                "ticks; for i in $(seq 100); do kill -STOP $p; usleep %d; "
                "kill -CONT $p; usleep %d; done; ticks" % (
                    off * 1000, on * 1000), 120)
            before, after = [line.split() for line in text.splitlines()[-2:]]
            seconds = float(after[1]) - float(before[1])
            shares.append((int(after[0]) - int(before[0])) / 100 / seconds)
            record.ok(on / 100 - 0.2 < shares[-1] < on / 100 + 0.2,
                      "the share is about %d %%" % on,
                      "%.0f %% in %.1f s" % (shares[-1] * 100, seconds))
        record.ok(shares[1] < shares[0] - 0.05, "less is less", shares)
        record.ok(states(machine, "while :")[0][3] == "R", "and then it runs")
        machine.run("kill -KILL $p; wait $p")
        record.ok(not states(machine, "while :"), "until it is killed")


@test(kernels=BOTH)
def jobs_parents(record):
    """Zombies, orphans, threads: what ps and top show."""
    with record.machine(image=IMAGE) as machine:
        machine.expect_shell()
        machine.run("sh -c 'sleep 0 & exec sleep 1003' & p=$!")
        parent = int(machine.out("echo $p"))

        def zombies():
            return [s for s in states(machine, ".") if s[3] == "Z"]

        seen = until(zombies)
        record.ok(len(seen) == 1 and seen[0][1] == parent,
                  "a zombie is Z, under its parent", seen)
        pid = seen[0][0] if seen else 0
        record.ok("Z (zombie)" in machine.out("cat /proc/%d/status" % pid),
                  "and in its status")
        machine.run("kill $p; wait $p")
        record.ok(until(lambda: not zombies()), "gone when the parent dies",
                  zombies())
        record.ok(machine.run("test -e /proc/%d" % pid)[1] == 1,
                  "from /proc too")
        machine.run("(sleep 1004 & sleep 1005) & p=$!")
        until(lambda: len(states(machine, "^sleep 100[45]")) == 2)
        seen = states(machine, "^sleep 1004")
        machine.run("kill -KILL $p; wait $p")
        seen = until(lambda: [s for s in states(machine, "^sleep 1004")
                              if s[1] == 1])
        record.ok(seen, "an orphan's parent is init",
                  states(machine, "^sleep"))
        machine.run("kill $(pgrep sleep)")
        text, status = machine.run("/ltp/prctl03")
        record.ok(status == 0, "or the subreaper", text)
        machine.run("/ltp/families/exit exit_threads & p=$!")
        shown = until(lambda: (lambda text: text.count("exit_threads") >= 4
                               and text)(machine.out("top -H -b -n 1")))
        pids = re.findall(r"(?m)^ *(\d+) +\d+ .*exit_threads", shown or "")
        record.ok(len(set(pids)) == 4, "top -H shows four threads",
                  machine.out("top -H -b -n 1"))
        record.ok(len(states(machine, "exit_threads")) == 1,
                  "ps shows one process", states(machine, "."))
        machine.run("kill $p; wait $p")


def free_memory(shell):
    return int(re.search(r"MemAvailable: +(\d+)",
                         shell.out("cat /proc/meminfo")).group(1))


@test(kernels=BOTH)
def jobs_bomb(record):
    """A student's fork bomb under `ulimit -u 100`, and root beside it."""
    path = "/tmp/tine-ttyS1-%d" % os.getpid()
    serial = ("-serial", "mon:stdio",
              "-serial", "unix:%s,server=on,wait=off" % path)
    with record.machine(mem=128, extra=serial) as machine:
        machine.expect_shell()
        root = SecondShell(machine, path)
        os.unlink(path)
        record.ok(root.out("id -u") == "0", "root's shell on ttyS1")
        root.out("cat /proc/meminfo")
        count = int(root.out("ps | wc -l"))
        free = free_memory(root)
        root.out("students() { ps -o pid,user,stat | sed -n "
                 "'s/^ *\\([0-9]*\\) student  *[^Z ].*/\\1/p'; }")
        # A bomb at its limit may end by itself: then the next one goes off.
        machine.send("touch /tmp/bomb; while [ -e /tmp/bomb ]; do "
                     "su student -c 'ulimit -u 100; b(){ b|b& };b; sleep 1'; "
                     "done > /dev/null 2>&1\n")
        most, slowest, end = 0, 0, time.time() + 30
        while time.time() < end:
            began = time.time()
            most = max(most, int(root.out(
                "ps -o user | grep -c student", 30)))
            slowest = max(slowest, time.time() - began)
            time.sleep(0.2)
        # ps looks at one after the other, and may see both one that ended
        # and one that took its place.
        record.ok(20 < most <= 105, "the bomb fills its limit, and no more",
                  most)
        record.ok(slowest < 20, "root's shell answers", "%.1f s" % slowest)
        root.out("rm /tmp/bomb", 30)
        alive = until(lambda: root.out(
            "kill -KILL $(students) 2>/dev/null; students | wc -l",
            30) == "0", 60)
        record.ok(alive, "it can be killed", root.out("ps"))
        record.ok(machine.out("echo back") == "back", "and a prompt again")
        after = until(lambda: int(root.out("ps | wc -l")) <= count + 1, 20)
        record.ok(after, "as many processes as before", root.out("ps"))
        record.ok(until(lambda: free_memory(root) > free - 2048, 20),
                  "as much memory as before",
                  "%d KiB, was %d" % (free_memory(root), free))
        root.socket.sendall(b"exit\n")
