"""Counting what passed: the tests' registry and the record of one test."""

import contextlib

from machine import Machine, fsck

TESTS = []


def test(level="everyday", kernels=("tine",)):
    """Register a test function: its level and the kernels it is true of."""
    def register(function):
        TESTS.append((function.__name__, function, level, kernels))
        return function
    return register


class Record:
    """The results of one test function on one kernel."""

    def __init__(self, name, kernel, options):
        self.name = name
        self.kernel = kernel
        self.options = options
        self.passed = 0
        self.failed = []
        self.skipped = []
        self.notes = []

    def ok(self, condition, what, detail=""):
        if condition:
            self.passed += 1
        else:
            self.failed.append((what, str(detail)[-800:]))
        return bool(condition)

    def skip(self, what, why):
        self.skipped.append((what, why))

    def contains(self, text, words, what):
        """All of WORDS stand in TEXT."""
        missing = [word for word in words if word not in text]
        self.ok(not missing, what, "missing %s in: %s" % (missing, text))

    @contextlib.contextmanager
    def machine(self, check_disk=True, **settings):
        """A machine that is checked when the test is done with it: no bad line
        on its console, and a disk that e2fsck has nothing to say about."""
        settings.setdefault("kernel", self.kernel)
        machine = Machine(self.name, **settings)
        try:
            yield machine
            if machine.child.isalive():
                status = machine.power_off()
                self.ok(status == 0, "power-off ends QEMU", status)
            bad = machine.bad_line()
            self.ok(bad is None, "nothing bad on the console", bad)
            if machine.disk and check_disk and settings["kernel"]:
                said = fsck(machine.disk)
                self.ok(said is None, "e2fsck -fn has nothing to say", said)
        finally:
            machine.clean_up()
        if not self.failed:
            machine.forget()
