# Tests: units on the host, guest programs, sessions at the console.  Guest
# programs and the boot tests also run on Linux, in the same QEMU.

GUEST_SOURCES := $(wildcard tests/guest/*/*.c)
GUEST_PROGRAMS := $(patsubst tests/guest/%.c,build/tests/guest/%,$(GUEST_SOURCES))

build/tests/guest/%: tests/guest/%.c | $(UAPI)
	@mkdir -p $(@D)
	@echo "  TEST $<"
	@$(MUSL_CC) -std=gnu17 -O1 -g -Wall -Wextra -Werror -static -pthread \
		-Itests/guest -MMD -MP -o $@ $<
-include $(GUEST_PROGRAMS:=.d)

# The LTP-style programs: one binary a family, linked to by each test's name.
LTP_FAMILIES := $(patsubst tests/ltp-subset/%.c,build/tests/ltp/%,\
	$(wildcard tests/ltp-subset/*.c))

build/tests/ltp/%: tests/ltp-subset/%.c | $(UAPI)
	@mkdir -p $(@D)
	@echo "  TEST $<"
	@$(MUSL_CC) -std=gnu17 -O1 -g -Wall -Wextra -Werror -static \
		-Itests/ltp-subset -MMD -MP -o $@ $<
-include $(LTP_FAMILIES:=.d)

# The root image with /tests and /ltp in it, and their lists.
build/tests/root.ext2: $(GUEST_PROGRAMS) $(LTP_FAMILIES) build/busybox build/busybox-dynamic \
		$(ROOT_FILES) tests/boot/args-init tests/tests.mk
	@echo "  IMG  $@"
	@rm -rf build/stage/extra
	@mkdir -p build/stage/extra/tests build/stage/extra/ltp/families \
		build/stage/extra/etc/init.d
	@cp tests/boot/args-init build/stage/extra/etc/init.d/args
	@for program in $(patsubst build/tests/guest/%,%,$(GUEST_PROGRAMS)); do \
		mkdir -p build/stage/extra/tests/$$(dirname $$program); \
		strip -o build/stage/extra/tests/$$program \
			build/tests/guest/$$program; \
		echo $$program; \
	done | sort > build/stage/list
	@mv build/stage/list build/stage/extra/tests/list
	@for family in $(notdir $(LTP_FAMILIES)); do \
		strip -o build/stage/extra/ltp/families/$$family \
			build/tests/ltp/$$family; \
		for name in $$(build/tests/ltp/$$family --list); do \
			ln -s families/$$family build/stage/extra/ltp/$$name; \
			echo $$name; \
		done; \
	done > build/stage/list
	@mv build/stage/list build/stage/extra/ltp/list
	@fakeroot sh -ec 'rootfs/stage build/stage/tests build/stage/extra; \
		$(call make_ext2,build/stage/tests,$@.new,tine-root,$(ROOT_UUID))'
	@mv $@.new $@

# Linux's way to the root image: its modules and BusyBox in an initramfs.
build/tests/linux.cpio.gz: tests/boot/linux-init $(LINUX)/boot build/busybox
	@echo "  IMG  $@"
	@rm -rf build/stage/linux
	@mkdir -p build/stage/linux/bin build/stage/linux/modules \
		build/stage/linux/proc build/stage/linux/sys \
		build/stage/linux/dev build/stage/linux/mnt $(@D)
	@cp tests/boot/linux-init build/stage/linux/init
	@cp build/busybox build/stage/linux/bin/
	@for name in sh mount umount insmod sed grep cat findfs usleep \
		switch_root; do ln -sf busybox build/stage/linux/bin/$$name; done
	@find $(LINUX)/lib/modules -name 'virtio*.ko' \
		-exec cp {} build/stage/linux/modules/ \;
	@fakeroot sh -ec 'mknod -m 600 build/stage/linux/dev/console c 5 1; \
		chown -R 0:0 build/stage/linux; \
		rootfs/make-cpio build/stage/linux' | gzip -9n > $@.new
	@mv $@.new $@

.PHONY: test test-all test-linux ltp test-deps size bench-boot
test-deps:
	@CC=$(CC) .ci/deps all
TEST_IMAGES := $(IMAGES) build/tests/root.ext2 build/tests/linux.cpio.gz

# How long soak tests take, and on how many CPUs if SMP= does not say.
FORKS ?= 20000
BOOTS ?= 500
MINUTES ?= 60
SOAK_SMP := $(if $(filter file,$(origin SMP)),4,$(SMP))
LENGTHS := --forks $(FORKS) --boots $(BOOTS) --minutes $(MINUTES) \
	--smp $(SOAK_SMP)

BOOT_TESTS = env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL SMP=$(SMP) \
	TINE_KERNEL=$(if $(filter 1,$(DEBUG)),$(abspath $(KERNEL))) \
	tests/boot/run $(LENGTHS)

T ?=
test: $(KERNEL) $(TEST_IMAGES) | test-deps ## the everyday tests; T='names' picks some, SMP=4 the CPUs
	@$(BOOT_TESTS) $(if $(T),,--unit 'make unit') $(T)

test-all: $(KERNEL) $(TEST_IMAGES) | test-deps ## everything, then the everyday tests and the mixed load in a debug build: FORKS= BOOTS= MINUTES= SMP=
	@$(BOOT_TESTS) --level all --unit 'make unit'
ifneq ($(DEBUG),1)
	@$(MAKE) DEBUG=1 test
	@$(MAKE) DEBUG=1 test T=soak_mixed
endif

ltp: $(KERNEL) $(TEST_IMAGES) | test-deps ## the LTP-style programs, on Tine and on Linux; T='clone fork' picks some
	@$(BOOT_TESTS) --guest '$(T)' ltp_
	@tests/boot/run --kernel linux --guest '$(T)' ltp_

test-linux: build/root.ext2 build/tests/root.ext2 build/tests/linux.cpio.gz | test-deps ## the same guest tests and sessions on Debian's Linux
	@tests/boot/run $(LENGTHS) --kernel linux $(T)

size: $(KERNEL) ## what the kernel's loadable image takes, by segment
	@tests/boot/size $(KERNEL)

# The first instruction of PID 1 reads the TSC; under -icount it counts the
# instructions since power-on.
build/tests/first_tsc: tests/boot/first_tsc.c | deps-build
	@mkdir -p $(@D)
	@$(CC) -std=gnu17 -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib \
		-static -fno-stack-protector -fno-pie -no-pie -o $@ $<

build/tests/bench.cpio: build/tests/first_tsc $(ROOT_FILES) build/busybox
	@rm -rf build/stage/bench-extra; mkdir -p build/stage/bench-extra/tests
	@cp build/tests/first_tsc build/stage/bench-extra/tests/
	@fakeroot sh -ec 'rootfs/stage build/stage/bench build/stage/bench-extra; \
		rm build/stage/bench/bin/busybox-dynamic; \
		rootfs/make-cpio build/stage/bench > $@.new'
	@mv $@.new $@

bench-boot: $(KERNEL) build/tests/bench.cpio $(LINUX)/boot ## instructions from power-on to PID 1, Tine and Linux
	@tests/boot/bench-boot $(KERNEL)

include tests/bench/bench.mk

# Host tests of the parts that run anywhere; tests/unit/ has their runner.
ifneq ($(wildcard tests/unit/unit.mk),)
include tests/unit/unit.mk
else
.PHONY: unit
unit:
	@echo "not ok - tests/unit has no unit.mk"; false
endif
