"""Every way to start: loaders, machine types, root file systems, programs."""

import os
import re
import struct
import subprocess

from machine import BUILD, WORK, Machine, Timeout
from results import test


def reaches_shell(record, what, **settings):
    """Boot, ask the shell for a sum, power off."""
    try:
        with record.machine(**settings) as machine:
            machine.expect_shell(120)
            record.ok(machine.out("echo $((6 * 7))") == "42", what,
                      machine.log)
    except Timeout as error:
        record.ok(False, what, error)


@test(kernels=("tine", "linux"))
def boot_disk(record):
    # Debian's Linux does not come up on a microvm without KVM: it finds nothing
    # to measure the TSC with.
    machines = ("pc", "q35")
    if record.options.kernel == "tine":
        machines += ("microvm",)
    for machine in machines:
        reaches_shell(record, "(a) -kernel with a disk, " + machine,
                      machine=machine)


@test()
def boot_initramfs(record):
    for machine in ("pc", "q35", "microvm"):
        reaches_shell(record, "(b) initramfs, gzip, " + machine, image=None,
                      initrd="root.cpio.gz", machine=machine)
    reaches_shell(record, "(b) initramfs, plain", image=None,
                  initrd="root.cpio")
    reaches_shell(record, "(b) rdinit=", image=None, initrd="root.cpio.gz",
                  append="rdinit=/sbin/init")


@test()
def boot_grub(record):
    for machine in ("pc", "q35"):
        reaches_shell(record, "(c) GRUB from the disk, " + machine,
                      kernel=None, image="tine.img", machine=machine)
        reaches_shell(record, "(d) the ISO, " + machine, kernel=None,
                      image=None, cdrom="tine.iso", machine=machine)


@test()
def boot_small(record):
    reaches_shell(record, "16 MB, from the disk", mem=16)
    reaches_shell(record, "8 MB, from an initramfs", image=None,
                  initrd="root.cpio.gz", mem=8)


@test(kernels=("tine", "linux"))
def boot_root_names(record):
    uuid = subprocess.run(
        ["/usr/sbin/dumpe2fs", "-h", os.path.join(BUILD, "root.ext2")],
        capture_output=True, text=True, check=True).stdout
    uuid = re.search(r"UUID:\s+(\S+)", uuid).group(1)
    for name in ("LABEL=tine-root", "UUID=" + uuid):
        reaches_shell(record, "root=" + name, root="root=%s rw" % name)


@test(kernels=("tine", "linux"))
def boot_init_script(record):
    """init= runs a #! script with what stands after --."""
    with record.machine(append="init=/etc/init.d/args -- one two",
                        image="tests/root.ext2") as machine:
        machine.expect("init is /etc/init.d/args with: one two")
        machine.wait_exit()
    record.ok(True, "init= runs a script, with arguments")


@test(kernels=("tine", "linux"))
def boot_reboot(record):
    with record.machine() as machine:
        machine.expect_shell()
        machine.send("reboot\n")
        status = machine.wait_exit()
        record.ok(status == 0, "reboot restarts (QEMU ends, -no-reboot)",
                  status)


@test(kernels=("tine", "linux"))
def boot_halt(record):
    with record.machine() as machine:
        machine.expect_shell()
        machine.send("halt\n")
        machine.expect(r"(?i)system halted|sent SIGKILL.*|halt")
        record.ok(machine.child.isalive(), "halt stops without leaving QEMU")
        machine.expect(r"(?i)system halted")
        machine.kill()


@test()
def boot_failures(record):
    """A missing root, a missing init, a strange file system: clear words."""
    cases = (
        ("a missing root is named", dict(root="root=/dev/vdz rw"),
         r"panic.*(/dev/vdz)"),
        ("a missing init is named", dict(append="init=/no/such"),
         r"panic.*(/no/such)"),
        ("a disk that is not ext2 is named", dict(image="root.cpio"),
         r"panic.*(/dev/vda|vda)"),
    )
    for what, settings, pattern in cases:
        settings.setdefault("image", "root.ext2")
        machine = None
        try:
            machine = Machine(record.name, append=settings.pop("append", "") +
                              " panic=-1", **settings)
            machine.expect("(?i)" + pattern, 40)
            status = machine.wait_exit(40)
            record.ok(status == 0 or status & 1, what, status)
        except Timeout as error:
            record.ok(False, what, error)
        finally:
            if machine:
                machine.clean_up()


# Breaches of the rules of locking, and the words of who notices.
BREACHES = (
    ("spin_order", r"lock of rank \d+, taken at .* under one of rank"),
    ("spin_order_nested", r"lock of rank \d+, taken at .* under one of rank"),
    ("spin_same_rank", r"lock of rank \d+, taken at .* under one of rank"),
    ("spin_twice", r"lock of rank \d+ taken twice"),
    ("spin_irqs_on", r"lock of rank \d+ taken with interrupts on"),
    ("spin_in_interrupt", r"lock of rank \d+ taken in an interrupt"),
    ("spin_other_cpu", r"lock of rank \d+ is not held by this CPU"),
    ("spin_not_held", r"lock of rank \d+ is not held by this CPU"),
    ("call_under_spin", r"calls other CPUs under a lock"),
    ("sleep_under_spin", r"assertion failed: lock_order_depth"),
    ("mutex_under_spin", r"may sleep at .* under a lock"),
    ("mutex_irqs_off", r"may sleep at .* with interrupts off"),
    ("mutex_in_interrupt", r"may sleep at .* in an interrupt"),
    ("mutex_order", r"takes rank \d+, holds"),
    ("mutex_order_nested", r"takes rank \d+, holds"),
    ("mutex_same_rank", r"takes rank \d+ twice"),
    ("mutex_other_task", r"assertion failed: .*owner"),
    ("user_spin", r"assertion failed: lock_order_depth"),
    ("user_mutex", r"assertion failed: current->nr_locks_held"),
)


@test()
def boot_lock_rules(record):
    """A debug kernel stops where a rule of locking is broken."""
    if not os.environ.get("TINE_KERNEL"):
        record.skip("the rules of locking", "make test DEBUG=1 checks them")
        return
    for name, pattern in BREACHES:
        machine = Machine(record.name, smp=2,
                          append="panic=-1 lock_check=" + name)
        try:
            machine.expect("panic - not syncing: [^\\n]*?" + pattern, 60)
            record.ok(machine.wait_exit(60) == 33, "%s is noticed" % name)
        except Timeout as error:
            record.ok(False, "%s is noticed" % name, error)
        finally:
            machine.clean_up()


@test()
def kernel_size(record):
    """Program headers that are loaded: under 1 MiB together."""
    from machine import kernel_path
    lines = subprocess.run(["readelf", "-lW", kernel_path()], check=True,
                           capture_output=True, text=True).stdout
    size = sum(int(line.split()[4], 16) for line in lines.splitlines()
               if line.strip().startswith("LOAD"))
    if os.environ.get("TINE_KERNEL"):
        record.skip("the image's size", "a debug kernel")
        return
    record.ok(0 < size < 1 << 20, "the kernel loads less than 1 MiB",
              "%d bytes in the file" % size)


def second_madt(path):
    """An ACPI table that tells of a CPU with APIC id 9, which is not there."""
    body = struct.pack("<II", 0xfee00000, 1) + bytes([0, 8, 9, 9, 1, 0, 0, 0])
    table = bytearray(b"APIC" + struct.pack("<I", 36 + len(body)) +
                      bytes([1, 0]) + b"TINE  CPUSTEST" +
                      struct.pack("<I", 1) + b"TINE" + struct.pack("<I", 1) +
                      body)
    table[9] = -sum(table) & 255
    with open(path, "wb") as file:
        file.write(table)


@test()
def boot_cpus(record):
    """All CPUs come up, as far as the command line lets them."""
    for smp, append, count in ((8, "", 8), (4, "maxcpus=2", 2),
                               (4, "nosmp", 1)):
        with record.machine(smp=smp, append=append) as machine:
            machine.expect_shell()
            record.ok(machine.out("nproc") == str(count),
                      "-smp %d %s: %d CPUs" % (smp, append, count))
    os.makedirs(WORK, exist_ok=True)
    table = os.path.join(WORK, "madt")
    second_madt(table)
    with record.machine(smp=2, extra=("-acpitable", "file=" + table)) \
            as machine:
        machine.expect_shell()
        record.contains(machine.log, ["CPU 2 (APIC id 9) does not answer"],
                        "a CPU that does not answer is named")
        record.ok(machine.out("nproc") == "2", "and the others run")
