"""A person at the console: what the shell, job control and the tools do."""

import os
import re
import shutil
import socket
import tempfile
import time

from results import test

BOTH = ("tine", "linux")


def last_status(machine):
    """The status of the program that was typed last; run() would lose it."""
    machine.send("last=$?\n")
    return machine.out("echo $last")


@test(kernels=BOTH)
def session_shell(record):
    """Pipelines, redirections, here-documents, globbing, substitution."""
    with record.machine() as machine:
        machine.expect_shell()
        run = machine.out
        record.ok(run("echo a b c | tr a-z A-Z | wc -w") == "3", "a pipeline")
        record.ok(run("printf '3\\n1\\n2\\n' | sort | head -n 2 | tail -n 1")
                  == "2", "a pipeline of four")
        run("cd; echo one > f; echo two >> f; sort -r < f > g 2>&1")
        record.ok(run("cat g").split() == ["two", "one"], "redirections")
        record.ok("No such file" in run("ls /none 2>&1 >/dev/null"),
                  "redirected standard error")
        run("cat > h <<END\nx $((1+1))\ny\nEND")
        record.ok(run("cat h").split() == ["x", "2", "y"], "a here-document")
        run("mkdir d; touch d/a1 d/a2 d/b1")
        record.ok(run("echo d/a* d/?1") == "d/a1 d/a2 d/a1 d/b1", "globbing")
        record.ok(run("echo $(echo $(basename /x/y)) `uname`") == "y Linux",
                  "substitution")
        record.ok(run("(exit 7)") == "" and run("(exit 7); echo $?") == "7",
                  "a subshell's status")
        record.ok(run("x=$(false || echo no && echo yes); echo $x") == "no yes",
                  "and, or")
        record.ok(run("for i in 1 2 3; do echo -n $i; done") == "123",
                  "a loop")
        record.ok(run("trap 'echo caught' USR1; kill -USR1 $$; trap - USR1")
                  == "caught", "trap")
        record.ok(run("read -t 1 x; echo r=$?").endswith("r=1"),
                  "read -t gives up")
        record.ok(run("echo word | (read -t 5 x; echo got $x)") == "got word",
                  "read -t reads")
        record.ok(run("sleep 1 & wait $!; echo w=$?").endswith("w=0"), "wait")
        record.ok(run("sh -c 'kill -9 $$'; echo s=$?").endswith("s=137"),
                  "death by signal is a status")
        record.ok(run("mkfifo p; (echo through > p &); cat p") == "through",
                  "a FIFO")


@test(kernels=BOTH)
def session_jobs(record):
    """^C, ^Z, jobs, fg, bg, kill."""
    with record.machine() as machine:
        machine.expect_shell()
        for name, command in (("sleeping", "sleep 1000"),
                              ("spinning", "sh -c 'while :; do :; done'")):
            machine.send(command + "\n")
            time.sleep(1.5)
            began = time.time()
            machine.send("\x03")
            status = last_status(machine)
            record.ok(status == "130" and time.time() - began < 20,
                      "^C ends a %s program" % name, status)
        machine.send("sleep 1000\n")
        time.sleep(1.5)
        machine.send("\x1a")
        machine.expect(r"Stopped")
        record.ok("Stopped" in machine.out("jobs"), "^Z stops, jobs lists")
        machine.run("bg")
        record.ok("Running" in machine.out("jobs"), "bg goes on")
        machine.send("fg\n")
        time.sleep(1)
        machine.send("\x03")
        record.ok(machine.out("jobs") == "", "fg brings back, ^C ends",
                  machine.log[-300:])
        machine.run("sleep 1000 & sleep 2000 &")
        record.ok(machine.out("jobs").count("sleep") == 2, "background jobs")
        # An interactive shell ignores SIGTERM, and so does its child until
        # it is the program: a signal before that is lost, on Linux as here.
        machine.run("until [ $(ps | grep -c '[s]leep [12]000') = 2 ]; "
                    "do sleep 0.1; done")
        machine.run("kill %1; kill %2; wait")
        record.ok(machine.out("ps | grep -c '[s]leep [12]000'") == "0",
                  "kill ends jobs")
        machine.send("cat\n")
        time.sleep(1)
        machine.send("typed line\n")
        machine.expect("typed line\r+\ntyped line\r+\n")
        machine.send("\x04")
        record.ok(last_status(machine) == "0", "^D ends a reader")
        machine.send("sleep 1000\n")
        time.sleep(1)
        machine.send("\x1c")
        record.ok(last_status(machine) == "131", "^\\ quits a program")


@test(kernels=BOTH)
def session_tools(record):
    """The tools that look at the system."""
    with record.machine() as machine:
        machine.expect_shell()
        run = machine.out
        record.contains(run("ulimit -a"), ["core file size", "open files"],
                        "ulimit -a")
        record.contains(run("ps"), ["PID", "init"], "ps")
        listing = run("ps -o pid,ppid,pgid,sid,stat,tty,args")
        record.ok(re.search(r"(?m)^\s*1\s+0\s+1\s+1\s+S\S*\s+.*init", listing),
                  "ps -o, PID 1", listing)
        record.ok(re.search(r"(?m)^\s*(\d+)\s+1\s+\1\s+\1\s+\S+\s+\S*.*sh",
                            listing), "ps -o, the shell leads its session",
                  listing)
        record.contains(run("pstree -p"), ["init(1)", "pstree("], "pstree -p")
        top = run("top -b -n 2 -d 1")
        record.ok(top.count("Load average") == 2 and "init" in top,
                  "top -b -n 2", top)
        total = re.search(r"Mem:\s+(\d+)\s+(\d+)\s+(\d+)", run("free"))
        record.ok(total and 100000 < int(total.group(1)) < 262144 and
                  0 < int(total.group(3)) < int(total.group(1)), "free",
                  total and total.group(0))
        record.ok(re.search(r"\s5\d{5}\s+\d+\s+\d+\s+\d+% /\n",
                            run("df") + "\n"), "df shows the root", run("df"))
        record.contains(run("mount"), [" on / ", " on /proc type proc",
                                       " on /sys type sysfs",
                                       " on /dev type devtmpfs",
                                       " on /dev/pts type devpts",
                                       " on /tmp type tmpfs"], "mount")
        record.ok(len(run("dmesg").splitlines()) > 5, "dmesg")
        record.ok(re.search(r" 20\d\d$", run("date")), "date", run("date"))
        seconds = abs(int(run("date +%s")) - time.time())
        record.ok(seconds < 300, "the clock is the machine's", seconds)
        record.contains(run("uname -a"), ["Linux", "tine", "x86_64"],
                        "uname -a")
        record.ok(run("tty") == "/dev/ttyS0", "tty")
        record.ok("load average" in run("uptime"), "uptime")
        record.ok(run("pgrep -x init | head -n 1") == "1" or
                  run("pgrep init | head -n 1") == "1", "pgrep")
        record.ok("/bin/busybox" in run("lsof | head -n 3"), "lsof")
        record.ok(run("busybox-dynamic echo dynamic") == "dynamic",
                  "a dynamic program")
        if record.kernel == "tine":
            record.ok(run("uname -r") == "6.1.0-tine", "uname -r")


@test(kernels=BOTH)
def session_vi(record):
    """vi: insert, save, edit again, save."""
    with record.machine() as machine:
        machine.expect_shell()
        machine.run("stty columns 80 rows 24")
        for keys in ("ifirst line\rsecond line", "ggdwAx"):
            machine.send("TERM=vt100 vi /root/letter\n")
            time.sleep(2)
            machine.send(keys)
            # Alone, an escape is a key; with more behind it, a sequence.
            time.sleep(1)
            machine.send("\x1b")
            time.sleep(1)
            machine.send(":wq\r")
            time.sleep(1)
            machine.run("true")
        record.ok(machine.out("cat /root/letter").splitlines() ==
                  ["linex", "second line"], "vi edits and saves",
                  machine.out("cat /root/letter"))
        machine.run("seq 100 > /root/numbers")
        machine.send("less /root/numbers\n")
        time.sleep(1)
        machine.send("G")
        machine.expect("100")
        machine.send("q")
        record.ok(machine.out("echo back") == "back", "less pages and quits")


@test(kernels=BOTH)
def session_users(record):
    """login with a password, su, and what an ordinary user may not do."""
    with record.machine() as machine:
        machine.expect_shell()
        run = machine.out
        record.ok(run("su student -c id").startswith(
            "uid=1000(student) gid=1000(student)"), "su student")
        record.ok(run("su student -c 'cat /etc/shadow' 2>&1").endswith(
            "Permission denied"), "a student may not read shadow")
        record.ok("denied" in run("su student -c 'touch /root/x' 2>&1"),
                  "a student may not write in /root")
        record.ok("permitted" in run("su student -c 'kill -9 1' 2>&1"),
                  "a student may not signal init")
        record.ok(run("su student -c 'cd; echo hi > f; cat f'") == "hi",
                  "a student writes at home")
        machine.send("login\n")
        machine.expect("login: ")
        machine.send("student\n")
        machine.expect("Password: ")
        machine.send("wrong\n")
        machine.expect("Login incorrect")
        machine.expect("login: ")
        machine.send("student\n")
        machine.expect("Password: ")
        machine.send("student\n")
        machine.expect(r"\$ ")
        record.ok(run("whoami; pwd; echo $HOME").split() ==
                  ["student", "/home/student", "/home/student"],
                  "login with a password")
        machine.send("exit\n")
        machine.expect_shell()
        record.ok(run("id -u") == "0", "the console's shell is respawned")


PM_TIMER_HZ = 3579545


class Clock:
    """The machine's own time, from QEMU's monitor: its ACPI timer, which the
    firmware puts at port 0x608, counts whoever looks."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tine-monitor-")
        self.path = os.path.join(self.folder, "socket")
        self.options = ("-monitor", "unix:%s,server,nowait" % self.path)
        self.socket = None

    def ask(self, command):
        """Give a command; what the monitor answers up to its prompt."""
        if not self.socket:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(20)
            self.socket.connect(self.path)
            self.answer()
        self.socket.sendall(command.encode() + b"\n")
        return self.answer()

    def answer(self):
        text = b""
        while not text.endswith(b"(qemu) "):
            text += self.socket.recv(4096)
        return text.decode(errors="replace")

    def ticks(self):
        return int(re.findall(r"= 0x([0-9a-f]+)", self.ask("i /w 0x608"))[-1],
                   16)

    def ms_since(self, began):
        return ((self.ticks() - began) & 0xffffff) * 1000 / PM_TIMER_HZ

    def close(self):
        if self.socket:
            self.socket.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@test(kernels=BOTH)
def session_beside_hogs(record):
    """A key is answered at once while 50 programs want the CPU for ever.

    The machine's time follows its instructions, so a busy host adds only what
    passes between the answer and our look at the clock."""
    clock = Clock()
    options = clock.options + ("-icount", "shift=3")
    try:
        with record.machine(smp=1, extra=options, limit=200) as machine:
            machine.expect_shell()
            machine.run("i=0; while [ $i -lt 50 ]; do i=$((i+1)); "
                        "(while :; do :; done) & done 2>/dev/null")
            took = []
            for key in "ZXVBJKQYF":
                time.sleep(0.3)
                clock.ask("stop")
                began = clock.ticks()
                machine.send(key)
                clock.ask("cont")
                machine.expect(key)
                took.append(clock.ms_since(began))
            took.sort()
            record.ok(took[4] < 50, "a key is answered within 50 ms beside "
                      "50 hogs", took)
            machine.send("\x15")
            machine.run("kill $(jobs -p); wait", 120)
    finally:
        clock.close()
