"""Programs that make terminals and sit at them: script, getty and login on a
second serial line, telnetd behind a pipe."""

import os
import re
import shutil
import socket
import tempfile
import time

from results import test

BOTH = ("tine", "linux")


@test(kernels=BOTH)
def terminals_script(record):
    """script: a shell on a pty of its own."""
    with record.machine() as machine:
        machine.expect_shell()
        run = machine.out
        record.ok(run("script -q -c 'tty; echo st=$?' /tmp/t1").split() ==
                  ["/dev/pts/0", "st=0"], "script -c runs on a pty")
        record.contains(run("cat /tmp/t1"), ["/dev/pts/0", "st=0"],
                        "and writes down what it showed")
        machine.run("stty rows 33 columns 77")
        machine.send("script -q /tmp/t3\n")
        time.sleep(1)
        machine.send("PS1='inner> '; stty size\n")
        machine.expect(r"33 77\r+\ninner> ")
        machine.send("sleep 1000\n")
        time.sleep(1)
        machine.send("\x03")
        machine.expect(r"\^C.*inner> ")
        machine.send("ps -o pid,sid,tty,stat,args | grep '[s]h -i'; "
                     "sleep 500 | cat\n")
        time.sleep(1)
        machine.send("\x1a")
        machine.expect(r"Stopped.*inner> ")
        # A shell does not wait for a job that it thinks stopped: fg does.
        machine.send("kill -9 %1; fg; wait; tty\n")
        machine.expect(r"/dev/pts/0\r+\n(?s:.*)inner> ")
        machine.send("exit\n")
        machine.expect(r"# ")
        machine.run("stty columns 1000 rows 50")
        text = run("cat /tmp/t3")
        record.contains(text, ["33 77", "^C", "Stopped"],
                        "an interactive one has all that was seen")
        record.ok(run("ls /dev/pts") == "ptmx", "its pty is gone",
                  run("ls /dev/pts"))


class Line:
    """The far end of the machine's second serial port."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tine-line-")
        self.path = os.path.join(self.folder, "socket")
        self.options = ("-serial", "mon:stdio", "-serial",
                        "unix:%s,server,nowait" % self.path)
        self.text = ""
        self.socket = None

    def connect(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(self.path)
        self.socket.settimeout(0.2)

    def send(self, text):
        self.socket.sendall(text.encode())

    def expect(self, pattern, limit=20):
        """What stands before PATTERN; None if it does not come."""
        until = time.time() + limit
        while time.time() < until:
            match = re.search(pattern, self.text)
            if match:
                before = self.text[:match.start()]
                self.text = self.text[match.end():]
                return before
            try:
                self.text += self.socket.recv(4096).decode(errors="replace")
            except socket.timeout:
                pass
        return None

    def close(self):
        if self.socket:
            self.socket.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def log_in(line):
    """Through getty's and login's prompts to student's shell."""
    if line.expect("login: ") is None:
        return False
    line.send("student\n")
    if line.expect("Password: ") is None:
        return False
    line.send("student\n")
    return line.expect(r"\$ ") is not None


@test(kernels=BOTH)
def terminals_getty(record):
    """getty on a second line: login, jobs, and what logging out ends."""
    line = Line()
    try:
        with record.machine(extra=line.options) as machine:
            machine.expect_shell()
            run = machine.out
            line.connect()
            run("echo 'ttyS1::respawn:/sbin/getty -L 115200 ttyS1 vt100' "
                ">> /etc/inittab; kill -HUP 1")
            record.ok(log_in(line), "getty, login and a password",
                      line.text)
            line.send("tty; stty speed; id -un; ps -o sid,pgid,tty,args "
                      "| grep '[-]sh'\n")
            text = line.expect(r"(?s)student.*-sh\r\n.*\$ ") or ""
            record.contains(text, ["/dev/ttyS1", "115200"],
                            "the shell is on that line")
            record.ok(re.search(r"(\d+) +\1 .*-sh", run(
                "ps -o sid,pgid,args | grep ' -sh$' | tail -n 1")),
                "and leads its session")
            line.send("sleep 1000\n")
            time.sleep(1)
            line.send("\x03")
            record.ok(line.expect(r"\^C\r\n.*\$ ") is not None, "^C there")
            line.send("(while sleep 0.3; do echo tick || "
                      "{ echo ended > /tmp/ended; exit; }; done) 2>/tmp/why "
                      "&\n")
            record.ok(line.expect("tick") is not None, "a job behind writes")
            line.send("exit\n")
            record.ok(line.expect("login: ") is not None,
                      "exit: getty asks again", line.text)
            run("until [ -e /tmp/ended ]; do sleep 0.2; done")
            record.contains(run("cat /tmp/why"), ["I/O error"],
                            "the job's terminal was hung up: EIO")
            line.send("\n")
            record.ok(log_in(line), "and the line is used again", line.text)
            record.ok(run("echo here > /dev/ttyS1; echo w=$?") == "w=0",
                      "root writes there")
            record.ok(line.expect("here") is not None, "and it is seen")
            run("sed -i '$d' /etc/inittab; kill -HUP 1; "
                "pkill -HUP -t ttyS1 sh; sleep 1")
    finally:
        line.close()


@test(kernels=BOTH)
def terminals_hangup(record):
    """A line that was hung up while a file of it is open: whoever opens and
    closes it then has it to himself."""
    with record.machine(extra=("-serial", "mon:stdio", "-serial",
                               "null")) as machine:
        machine.expect_shell()
        run = machine.out

        def line():
            return run("grep ^1: /proc/tty/driver/serial")

        record.contains(line(), ["uart:16550A port:000002F8 irq:3 tx:"],
                        "/proc/tty/driver/serial: a port")
        record.ok("DTR" not in line(), "a line that is closed", line())
        run("exec 7<> /dev/ttyS1")
        record.contains(line(), ["RTS", "DTR"], "an open one")
        # setsid does not wait for the leader it makes.
        run("setsid sh -c 'exec 0< /dev/ttyS1'; for i in $(seq 50); do "
            "grep ^1: /proc/tty/driver/serial | grep -q DTR || break; "
            "sleep 0.1; done")
        text = run("echo x >&7; head -c 1 <&7 | wc -c")
        record.contains(text, ["I/O error", "0"], "its leader ends: hung up")
        record.ok("DTR" not in line(), "the driver lets go", line())
        run("exec 8<> /dev/ttyS1")
        record.contains(line(), ["RTS", "DTR"], "it is opened again")
        run("exec 9<> /dev/ttyS1; exec 8>&-")
        record.contains(line(), ["RTS", "DTR"], "and open as long as one is")
        run("exec 9>&-")
        record.ok("DTR" not in line(), "closed, though the old file is there",
                  line())
        run("exec 7>&-")
        record.ok("DTR" not in line(), "that closes nothing", line())


@test(kernels=BOTH)
def terminals_telnetd(record):
    """telnetd -i, its connection a pair of pipes: a login on a pty."""
    with record.machine() as machine:
        machine.expect_shell()
        run = machine.out
        text = run("(sleep 1; echo student; sleep 1; echo student; sleep 2; "
                   "echo 'tty; whoami'; sleep 1; "
                   "echo exit; sleep 1) | telnetd -i | cat -v", 60)
        record.contains(text, ["login:", "Password:", "/dev/pts/0",
                               "student"], "login by telnetd, on a pty")
        text = run("(sleep 1; echo 'sleep 100'; sleep 1; printf '\\003'; "
                   "sleep 1; echo 'echo s=$?'; sleep 1; echo exit; sleep 1) "
                   "| telnetd -i -l /bin/sh | cat -v", 60)
        record.contains(text, ["^C", "s=130"], "^C through it")
        text = run("(sleep 1; echo 'sleep 4321'; sleep 1) | "
                   "telnetd -i -l /bin/sh | cat -v; sleep 1; "
                   "pgrep -f '^sleep 4321' || echo none", 60)
        record.ok(text.endswith("none"), "the connection ends: so do the "
                  "shell and what is in front of it", text)
        record.ok(run("ls /dev/pts") == "ptmx", "no pty is left")
