# Loaded by `make debug`: gdb beside a QEMU that waits before its first
# instruction.  Breakpoints are hardware ones until the kernel is in place.
set pagination off
set confirm off
set disassembly-flavor att
set print pretty on
set history save off
set architecture i386:x86-64
python
import os
helper = "kernel/tools/gdb_tine.py"
if os.path.exists(helper):
    gdb.execute("source " + helper)
end
define boot-to
  hbreak $arg0
  continue
end
document boot-to
boot-to FUNCTION: run from power-on until FUNCTION is entered.
end
