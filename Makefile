# Tine: every command a developer needs.  `make help` lists them.
#
# What is here: the variables, the kernel's own build, and the commands.  The
# rest lies beside its subject: rootfs/source.mk (source packages), rootfs/
# busybox.mk, rootfs/images.mk, tests/tests.mk, .ci/check.mk.

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory
MAKEFLAGS += -j$(shell nproc)
.SUFFIXES:
.DELETE_ON_ERROR:
FORCE:
.PHONY: FORCE

ifeq ($(filter command line environment,$(origin CC)),)
CC := gcc
endif
ifeq ($(filter command line environment,$(origin LD)),)
LD := ld
endif
HOSTCC ?= $(CC)
NM ?= nm
OBJCOPY ?= objcopy
PYTHON ?= /usr/bin/python3

# The machine: what `make run`, `make debug` and the tests start.
SMP ?= 1
MEM ?= 256
ACCEL ?= $(shell grep -qwE 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ] \
	&& echo kvm || echo tcg)
APPEND ?=
MACHINE ?= pc

# DEBUG=1 builds a second kernel, with lock ranks and other costly checks.
ifeq ($(DEBUG),1)
OBJ := build/obj-debug
KERNEL := build/tine-debug.elf
else
OBJ := build/obj
KERNEL := build/tine.elf
endif

# Packages are checked (and installed) before anything that needs them.
.PHONY: deps-build deps-images deps
deps-build:
	@CC=$(CC) .ci/deps build
deps-images: deps-build
	@CC=$(CC) .ci/deps images
deps: ## install every package that build and tests need
	@CC=$(CC) .ci/deps all

# On a fresh machine nothing at all can be made before the packages are there:
# make remakes what it includes first.
ifneq ($(filter-out help clean where tags,$(or $(MAKECMDGOALS),all)),)
include build/deps.mk
build/deps.mk: .ci/deps
	@CC=$(CC) .ci/deps build
	@mkdir -p $(@D)
	@echo '# .ci/deps was content' > $@
endif

# --- the kernel ----------------------------------------------------------

# If it is in the tree, it is in the kernel; three exceptions.
KERNEL_DIRS := $(wildcard kernel fs syscalls)
SOURCES := $(sort $(if $(KERNEL_DIRS),$(shell find $(KERNEL_DIRS) \
	\( -name '*.c' -o -name '*.S' \) ! -name '*_test.c' ! -name '*.lds.S' \
	! -path 'kernel/tools/*' ! -path '*/vdso/user/*')))
OBJECTS := $(patsubst %,$(OBJ)/%.o,$(SOURCES))
LINKER_SCRIPT := kernel/arch/x86_64/boot/linker.ld

# The compiler's own headers, asked for once and only when used.
GCC_INCLUDE = $(eval GCC_INCLUDE := $$(shell $$(CC) \
	-print-file-name=include))$(GCC_INCLUDE)

CPPFLAGS = -nostdinc -isystem $(GCC_INCLUDE) -I. -D__KERNEL__
LANGUAGE := -std=gnu17 -ffreestanding -fno-strict-aliasing -fno-common \
	-fno-strict-overflow
MACHINE_CODE := -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
	-fno-pic -fno-pie -fcf-protection=none
TRACEABLE := -g -fno-omit-frame-pointer -fno-asynchronous-unwind-tables
GUARDS := -fstack-protector-strong -mstack-protector-guard=global
WARNINGS := -Wall -Wextra -Werror -Wno-unused-parameter \
	-Wno-missing-field-initializers -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -Wno-error=cpp
CFLAGS = -O2 $(LANGUAGE) $(MACHINE_CODE) $(TRACEABLE) $(GUARDS) $(WARNINGS)
AFLAGS = -g -D__ASSEMBLY__
LDFLAGS = -nostdlib -static -z max-page-size=4096 -z noexecstack \
	--no-warn-rwx-segments --build-id=none -T $(LINKER_SCRIPT)
ifeq ($(DEBUG),1)
CPPFLAGS += -DTINE_DEBUG
endif

include rootfs/source.mk

# The vDSO: code for programs, linked by itself, carried in the image.
VDSO_PARTS := clock_gettime getcpu
VDSO_SOURCES := $(VDSO_PARTS:%=kernel/arch/x86_64/vdso/user/%.c)
VDSO_FLAGS = -O2 -std=gnu17 -fPIC -fno-stack-protector -ffreestanding \
	-fcf-protection=none -mno-mmx -mno-sse -fvisibility=default $(WARNINGS)
VDSO_LINK := -shared -nostdlib -Wl,-soname=linux-vdso.so.1 \
	-Wl,--hash-style=both -Wl,-z,max-page-size=4096 -Wl,--build-id=none \
	-Wl,--eh-frame-hdr -Wl,-T,kernel/arch/x86_64/vdso/vdso.lds.S

$(OBJ)/vdso.so: $(VDSO_SOURCES) kernel/arch/x86_64/vdso/vdso.lds.S \
		kernel/arch/vdso.h abi/time.h $(OBJ)/flags
	@echo "  VDSO $@"
	@$(CC) $(CPPFLAGS) $(VDSO_FLAGS) $(VDSO_LINK) -o $@.full $(VDSO_SOURCES)
	@$(OBJCOPY) -S $@.full $@
$(OBJ)/kernel/arch/x86_64/vdso/image.S.o: $(OBJ)/vdso.so
$(OBJ)/kernel/arch/x86_64/vdso/image.S.o: \
	EXTRA_CPPFLAGS = -DVDSO_IMAGE='"$(OBJ)/vdso.so"'

# Objects are made again when their flags change.
$(OBJ)/flags: FORCE | deps-build
	@mkdir -p $(@D)
	@echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(AFLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(AFLAGS)' > $@

$(OBJ)/%.c.o: %.c $(OBJ)/flags | deps-build
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(CPPFLAGS) $(EXTRA_CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OBJ)/%.S.o: %.S $(OBJ)/flags | deps-build
	@mkdir -p $(@D)
	@echo "  AS   $<"
	@$(CC) $(CPPFLAGS) $(EXTRA_CPPFLAGS) $(AFLAGS) -MMD -MP -c -o $@ $<

# Only these two know zlib's header.
$(OBJ)/kernel/init/initramfs.c.o $(OBJ)/kernel/init/gunzip.c.o: \
	EXTRA_CPPFLAGS = -isystem $(ZLIB) -DZ_SOLO
$(OBJ)/kernel/init/initramfs.c.o $(OBJ)/kernel/init/gunzip.c.o: | $(ZLIB)/zlib.h

# zlib's inflate, as released: the same code generation, none of our warnings.
# Z_SOLO: no C library; Z_TESTW=0: one table of 1 KiB for the checksum.
ZLIB_PARTS := adler32 crc32 inffast inflate inftrees zutil
ZLIB_OBJECTS := $(patsubst %,$(OBJ)/zlib/%.o,$(ZLIB_PARTS))
ZLIB_FLAGS = -O2 $(LANGUAGE) $(MACHINE_CODE) $(TRACEABLE) $(GUARDS) -w \
	-DZ_SOLO -DZ_TESTW=0 -include kernel/lib/string.h

$(ZLIB_OBJECTS): $(OBJ)/zlib/%.o: $(ZLIB)/zlib.h $(OBJ)/flags | deps-build
	@mkdir -p $(@D)
	@echo "  CC   zlib/$*.c"
	@$(CC) $(CPPFLAGS) $(ZLIB_FLAGS) -c -o $@ $(ZLIB)/$*.c

# The table of names: link with an empty one, read the names, link again.  The
# table lies behind the text, so no function moves between the two links.
build/tools/%: kernel/tools/%.c | deps-build
	@mkdir -p $(@D)
	@echo "  HOST $<"
	@$(HOSTCC) -O2 -g -std=gnu17 -Wall -Wextra -Werror -I. -o $@ $<

ifneq ($(wildcard kernel/tools/kallsyms.c),)
KALLSYMS := $(OBJ)/kallsyms.o

$(OBJ)/kallsyms0.S: build/tools/kallsyms
	@build/tools/kallsyms < /dev/null > $@
$(OBJ)/kallsyms.S: $(OBJ)/tine.pass1 build/tools/kallsyms
	@$(NM) -n $< | build/tools/kallsyms > $@
$(OBJ)/kallsyms0.o $(OBJ)/kallsyms.o: $(OBJ)/%.o: $(OBJ)/%.S
	@$(CC) $(CPPFLAGS) $(AFLAGS) -c -o $@ $<
$(OBJ)/tine.pass1: $(OBJECTS) $(ZLIB_OBJECTS) $(OBJ)/kallsyms0.o \
		$(LINKER_SCRIPT)
	@$(LD) $(LDFLAGS) -o $@ $(filter %.o,$^)
endif

# The list is a file, so that a source that goes away links the kernel again.
$(OBJ)/objects: FORCE
	@mkdir -p $(@D)
	@echo '$(OBJECTS)' | cmp -s - $@ || echo '$(OBJECTS)' > $@

$(KERNEL): $(OBJECTS) $(ZLIB_OBJECTS) $(KALLSYMS) $(LINKER_SCRIPT) \
		$(OBJ)/objects
	@echo "  LD   $@"
	@$(LD) $(LDFLAGS) -o $@.new $(filter %.o,$^)
ifneq ($(KALLSYMS),)
	@$(NM) -n $@.new | build/tools/kallsyms | cmp - $(OBJ)/kallsyms.S || \
		{ echo "tine: functions moved between the two links"; exit 1; }
endif
	@mv $@.new $@

-include $(OBJECTS:.o=.d)

# The contract with Linux, checked against its own headers at every build.
-include $(wildcard abi/check/rules.mk)
ifneq ($(wildcard abi/check/rules.mk),)
$(KERNEL): build/abi-check.stamp
endif

include rootfs/busybox.mk
include rootfs/images.mk
include tests/tests.mk
include tests/posix/posix.mk
include tests/differ/differ.mk
include .ci/check.mk

# --- commands ------------------------------------------------------------

.PHONY: all kernel run debug iso clean help where tags
kernel: $(KERNEL) ## the kernel alone
all: $(KERNEL) $(IMAGES) build/busybox build/busybox-dynamic ## build the kernel, BusyBox and every image

QEMU = qemu-system-x86_64 -machine $(MACHINE) -accel $(ACCEL) -cpu max \
	-smp $(SMP) -m $(MEM) -nographic -no-reboot -nic none
ROOT_DRIVE = -drive file=build/disk.ext2,if=virtio,format=raw

# The disk that `make run` writes to: root.ext2 at first, and kept from then on.
build/disk.ext2: | build/root.ext2
	@cp --sparse=always build/root.ext2 $@
COMMAND_LINE = console=ttyS0 root=/dev/vda rw $(APPEND)

run: $(KERNEL) build/disk.ext2 ## boot to a shell; ^A x leaves QEMU
	@$(QEMU) $(ROOT_DRIVE) -kernel $(KERNEL) -append "$(COMMAND_LINE)"

debug: $(KERNEL) build/disk.ext2 ## boot under gdb, stopped before the first instruction
	@CC=$(CC) .ci/deps debug
	@echo "console: build/debug.log; hbreak start_kernel, then continue"
	@$(QEMU) $(ROOT_DRIVE) -kernel $(KERNEL) -append "$(COMMAND_LINE) nokaslr" \
		-monitor none -serial file:build/debug.log \
		-S -gdb unix:build/gdb.sock,server=on,wait=off & \
	qemu=$$!; sleep 1; \
	gdb -nx -x .gdbinit -ex 'target remote build/gdb.sock' $(KERNEL); \
	kill $$qemu 2>/dev/null; wait $$qemu 2>/dev/null; true

iso: build/tine.iso ## the bootable ISO

NAME ?=
where: ## NAME=function: its file, line and head comment
	@kernel/tools/where '$(NAME)'

tags: ## an index of symbols for editors
	@ctags -R --languages=C,Asm -f tags abi fs kernel syscalls

clean: ## remove what was built; keep downloads and BusyBox
	@rm -rf build/obj build/obj-debug build/tests build/check build/unit \
		build/tine*.elf build/tine.img build/tine.iso build/root.*

help: ## this list
	@echo "make TARGET [SMP=1] [MEM=256] [ACCEL=tcg|kvm] [MACHINE=pc|q35|microvm]"
	@echo "            [APPEND='kernel parameters'] [DEBUG=1]"
	@echo
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | \
		sort -u | expand -t 16
