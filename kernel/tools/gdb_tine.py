"""gdb commands for Tine; .gdbinit loads this file (make debug).

  tine-ps          every task: PID, TGID, state, CPU, name, where it sleeps
  tine-bt PID      the kernel stack of a task, running or not
  tine-dmesg [N]   the log (or its last N lines), also after a panic
  tine-current     the task of the CPU that gdb looks at

They only read memory, so they work whenever the kernel is stopped.  Offsets
come from the debug information; nothing here repeats a layout but the frame
that __switch_to_asm pushes (kernel/arch/x86_64/entry/switch.S).
"""

import gdb

STATES = ((0x80, "X"), (0x0400, "I"), (0x0004, "T"), (0x0008, "t"),
          (0x0002, "D"), (0x0001, "S"))
EXIT_DEAD, EXIT_ZOMBIE = 0x10, 0x20
ULONG = "unsigned long"
THREAD_SIZE = 8192  # kernel/arch/paging.h


def value(text):
    return gdb.parse_and_eval(text)


def number(text):
    return int(value(text))


def word_at(address):
    return int(gdb.Value(address).cast(
        gdb.lookup_type(ULONG).pointer()).dereference())


def offset_of(struct, member):
    return number("(unsigned long)&((struct %s *)0)->%s" % (struct, member))


def entries(head, struct, member):
    """The structs on the list_head HEAD, linked through MEMBER."""
    kind = gdb.lookup_type("struct " + struct).pointer()
    offset = offset_of(struct, member)
    link = head["next"]
    while int(link) and link != head.address:
        yield (link.cast(gdb.lookup_type(ULONG)) - offset).cast(kind)
        link = link["next"]


def tasks():
    """Every process, and of each every thread."""
    for leader in entries(value("init_task")["tasks"], "task_struct", "tasks"):
        if not int(leader["signal"]):
            yield leader
            continue
        for task in entries(leader["signal"]["thread_head"], "task_struct",
                            "thread_node"):
            yield task


def state_of(task):
    if int(task["exit_state"]) & EXIT_ZOMBIE:
        return "Z"
    if int(task["exit_state"]) & EXIT_DEAD:
        return "X"
    state = int(task["__state"])
    for bit, letter in STATES:
        if state & bit:
            return letter
    return "R"


def symbol(address):
    text = gdb.execute("info symbol %#x" % address, to_string=True)
    return "%#x" % address if text.startswith("No symbol") else \
        text.split(" in section")[0].replace(" + ", "+").strip()


def stack_of(task):
    """Return addresses of a task that does not run, innermost first."""
    bottom = int(task["stack"])
    top = bottom + THREAD_SIZE
    sp = int(task["thread"]["sp"])
    # __switch_to_asm pushed rbp, rbx, r12 to r15 below its return address.
    frame, ip = word_at(sp + 5 * 8), word_at(sp + 6 * 8)
    while True:
        yield ip
        if not bottom <= frame < top - 16:
            return
        ip, above = word_at(frame + 8), word_at(frame)
        if not ip or above <= frame:
            return
        frame = above


def waits_in(task):
    """The first function of a sleeping task's stack above the scheduler."""
    own = ("schedule", "__schedule", "context_switch", "schedule_timeout",
           "io_schedule", "__switch_to_asm")
    for address in stack_of(task):
        name = symbol(address).split("+")[0]
        if not name.startswith(own):
            return name
    return "-"


def running_here():
    """struct task_struct * of the CPU that gdb looks at."""
    mask = (1 << 64) - 1
    in_kernel = (number("$rip") & mask) >> 63
    base = number("$gs_base" if in_kernel else "$k_gs_base")
    where = number("(unsigned long)&current_task") + base
    return gdb.Value(word_at(where & mask)).cast(
        gdb.lookup_type("struct task_struct").pointer())


class TinePs(gdb.Command):
    """tine-ps: every task with its state and where it sleeps."""

    def __init__(self):
        super().__init__("tine-ps", gdb.COMMAND_USER)

    def invoke(self, argument, from_tty):
        print("  PID  TGID  PPID S CPU NAME             WAITS IN")
        for task in tasks():
            on_cpu = bool(task["on_cpu"])
            dead = int(task["exit_state"]) or not int(task["thread"]["sp"])
            print("%5d %5d %5d %s %3d %-16s %s" % (
                int(task["pid"]), int(task["tgid"]),
                int(task["real_parent"]["pid"]), state_of(task),
                int(task["cpu"]), task["comm"].string(),
                "(running)" if on_cpu else "-" if dead else waits_in(task)))


class TineBt(gdb.Command):
    """tine-bt PID: the kernel stack of a task."""

    def __init__(self):
        super().__init__("tine-bt", gdb.COMMAND_USER)

    def invoke(self, argument, from_tty):
        pid = int(argument, 0)
        found = [task for task in tasks() if int(task["pid"]) == pid]
        if not found:
            raise gdb.GdbError("tine-bt: no task %d" % pid)
        task = found[0]
        if bool(task["on_cpu"]):
            print("%d runs on CPU %d: select its thread (info threads), bt" % (
                pid, int(task["cpu"])))
            return
        for level, address in enumerate(stack_of(task)):
            where = gdb.find_pc_line(max(address - 1, 0))
            print("#%-2d %#x %s%s" % (
                level, address, symbol(address),
                " at %s:%d" % (where.symtab.filename, where.line)
                if where.symtab else ""))


class TineDmesg(gdb.Command):
    """tine-dmesg [N]: the kernel's log."""

    def __init__(self):
        super().__init__("tine-dmesg", gdb.COMMAND_USER)

    def invoke(self, argument, from_tty):
        def static(name):
            return value("'kernel/base/printk.c'::" + name)

        ring = static("log_buf")
        size = ring.type.sizeof
        data = gdb.selected_inferior().read_memory(int(ring.address), size)
        data = data.tobytes()
        head = gdb.lookup_type("struct header")
        place = {field.name: (field.bitpos // 8, field.type.sizeof)
                 for field in head.fields()}

        def field(at, name):
            start, length = place[name]
            return int.from_bytes(data[at + start:at + start + length],
                                  "little")

        at = int(static("first_at"))
        lines = []
        for _ in range(int(static("next_seq")) - int(static("first_seq"))):
            if size - at < head.sizeof or field(at, "size") == 0:
                at = 0
            text = data[at + head.sizeof:at + head.sizeof + field(at, "len")]
            time = field(at, "time_ns")
            for line in text.decode("utf-8", "replace").splitlines():
                lines.append("<%d>[%5d.%06d] %s" % (
                    field(at, "level"), time // 10**9, time // 1000 % 10**6,
                    line))
            at += field(at, "size")
        for line in lines[-int(argument, 0):] if argument else lines:
            print(line)


class TineCurrent(gdb.Command):
    """tine-current: the task that runs on the CPU gdb looks at."""

    def __init__(self):
        super().__init__("tine-current", gdb.COMMAND_USER)

    def invoke(self, argument, from_tty):
        task = running_here()
        print("(struct task_struct *)%#x: %s[%d]" % (
            int(task), task["comm"].string(), int(task["pid"])))


TinePs()
TineBt()
TineDmesg()
TineCurrent()
