"""A QEMU machine with a serial console, and the shell behind it.

Machine(...) starts QEMU with a copy of an image; expect_shell() waits for the
prompt; run(command) returns (output, status) of a shell command; power_off()
leaves cleanly and returns QEMU's status.  Everything that the console printed
is in .log, and in a file beside the image copy.
"""

import os
import re
import shutil
import subprocess
import tempfile

import pexpect

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.path.join(ROOT, "build")
WORK = os.path.join(BUILD, "tests", "run")

# A console line that no run may leave behind, whatever the test looked at.
BAD_LINES = re.compile(
    r"panic|assertion failed|\bBUG\b|WARNING:|lock order|lock held", re.I)


class Timeout(Exception):
    """The guest did not say what was waited for."""


def accelerator():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        virtual = re.search(r"\b(vmx|svm)\b", file.read())
    return "kvm" if virtual and os.access("/dev/kvm", os.W_OK) else "tcg"


def kernel_path():
    return os.environ.get("TINE_KERNEL") or os.path.join(BUILD, "tine.elf")


def fsck(image):
    """What `e2fsck -fn` has to say about an image; None if nothing."""
    done = subprocess.run(["/usr/sbin/e2fsck", "-fn", image], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    return None if done.returncode == 0 else done.stdout


class Machine:
    """One QEMU process.

    kernel   "tine", "linux", or None to boot from the disk
    image    the disk to start from; a copy is used (None: no disk)
    disk     a disk to use as it is, instead of a copy of `image`
    smp      the number of CPUs; 0: what `make test SMP=` says
    """

    def __init__(self, name, kernel="tine", image="root.ext2", disk=None,
                 initrd=None, machine="pc", smp=0, mem=256, append="",
                 cdrom=None, limit=60, root="root=/dev/vda rw", extra=(),
                 reboots=False):
        os.makedirs(WORK, exist_ok=True)
        self.folder = tempfile.mkdtemp(prefix=name + "-", dir=WORK)
        self.limit = limit
        smp = smp or int(os.environ.get("SMP") or 1)
        self.kernel = kernel
        self.count = 0
        self.disk = disk
        if image and not disk:
            self.disk = os.path.join(self.folder, "disk")
            subprocess.check_call(["cp", "--sparse=always",
                                   os.path.join(BUILD, image), self.disk])
        command = ["-machine", machine, "-accel", accelerator(), "-cpu", "max",
                   "-smp", str(smp), "-m", str(mem), "-nographic",
                   "-nic", "none", "-device",
                   "isa-debug-exit,iobase=0xf4,iosize=4"]
        command += [] if reboots else ["-no-reboot"]
        command += self.drive_options(machine)
        command += self.boot_options(kernel, initrd, root, append)
        if cdrom:
            command += ["-cdrom", os.path.join(BUILD, cdrom)]
        self.start(command + list(extra))

    def drive_options(self, machine):
        if not self.disk:
            return []
        drive = "file=%s,format=raw,cache=unsafe" % self.disk
        if machine.startswith("microvm"):
            return ["-drive", drive + ",if=none,id=root",
                    "-device", "virtio-blk-device,drive=root"]
        return ["-drive", drive + ",if=virtio"]

    def boot_options(self, kernel, initrd, root, append):
        if not kernel:
            return []
        path = kernel_path()
        words = ["console=ttyS0"]
        if kernel == "linux":
            boot = os.path.join(BUILD, "linux", "boot")
            path = [os.path.join(boot, name) for name in os.listdir(boot)
                    if name.startswith("vmlinuz")][0]
            initrd = initrd or "tests/linux.cpio.gz"
            words += ["mitigations=off", "quiet"]
        if self.disk:
            words.append(root)
        options = ["-kernel", path, "-append", " ".join(words + [append])]
        if initrd:
            options += ["-initrd", os.path.join(BUILD, initrd)]
        return options

    def start(self, options):
        self.file = open(os.path.join(self.folder, "console.log"), "w",
                         encoding="utf-8", errors="replace", newline="")
        self.child = pexpect.spawn("qemu-system-x86_64", options,
                                   encoding="utf-8", timeout=self.limit,
                                   codec_errors="replace",
                                   dimensions=(50, 200))
        self.child.logfile_read = self.file
        self.child.delaybeforesend = None

    @property
    def log(self):
        self.file.flush()
        with open(self.file.name, encoding="utf-8", errors="replace",
                  newline="") as file:
            return file.read()

    def expect(self, pattern, limit=None):
        """Wait for a regular expression; return the match."""
        try:
            self.child.expect(pattern, timeout=limit or self.limit)
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            raise Timeout("no %r within %s s; the console ends: %s" % (
                pattern, limit or self.limit, self.log[-600:])) from error
        return self.child.match

    def send(self, text):
        self.child.send(text)

    def expect_shell(self, limit=None):
        """Wait for the root shell's prompt and make its lines wide."""
        self.expect(r"[#$] (\x1b\[6n)?$", limit)
        self.run("stty columns 1000 rows 50; alias ls='ls --color=never'", limit)

    def run(self, command, limit=None):
        """Type a command; return its output and its status.

        The marks are typed with quotes in them, so that their echo is not
        taken for them.  One line where that can be: what is typed while a
        command runs is echoed into its output.
        """
        self.count += 1
        number = self.count
        joint = "; "
        if "\n" in command:
            joint = "\n"
        elif command.rstrip().endswith("&"):
            joint = " "
        self.send("echo '@'%d'<'; %s%secho '@'%d'>'$?\n" %
                  (number, command, joint, number))
        # To the line's end: the first digit may come alone.
        match = self.expect(r"(?s)@%d<\r*\n(.*?)@%d>(\d+)\r*\n" %
                            (number, number), limit)
        text = match.group(1).replace("\r", "")
        if joint == "\n":
            text = re.sub(r"[^\n]*echo '@'%d'>'\$\?\n?" % number, "", text)
        return text, int(match.group(2))

    def out(self, command, limit=None):
        return self.run(command, limit)[0].strip()

    def wait_exit(self, limit=None):
        """Wait until QEMU ends; return its status, as `$?` shows it."""
        self.expect(pexpect.EOF, limit)
        self.child.close()
        self.file.flush()
        status = self.child.exitstatus
        return 128 + self.child.signalstatus if status is None else status

    def power_off(self, limit=None):
        self.send("poweroff\n")
        return self.wait_exit(limit)

    def kill(self):
        if self.child.isalive():
            self.child.close(force=True)

    def bad_line(self):
        """The first console line that tells of a kernel's trouble, or None."""
        if self.kernel == "linux":
            return None
        for line in self.log.splitlines():
            if BAD_LINES.search(line):
                return line
        return None

    def clean_up(self):
        """End QEMU; drop the disk copy, keep the console's log."""
        self.kill()
        self.file.close()
        copy = os.path.join(self.folder, "disk")
        if os.path.exists(copy):
            os.unlink(copy)

    def forget(self):
        shutil.rmtree(self.folder, ignore_errors=True)
