# make bench: what operations cost, on Tine and on Linux in the same QEMU.

BENCH ?=
ROUNDS ?= 3

build/bench/bench: $(wildcard tests/bench/*.[ch]) tests/bench/bench.mk | $(UAPI)
	@mkdir -p $(@D)
	@echo "  BENCH $@"
	@$(MUSL_CC) -std=gnu17 -O2 -Wall -Wextra -Werror -static -pthread \
		-s -o $@ $(filter %.c,$^)

build/bench/bench.cpio: build/bench/bench build/busybox
	@rm -rf build/stage/measure
	@mkdir -p build/stage/measure/bin build/stage/measure/dev \
		build/stage/measure/proc build/stage/measure/tmp
	@cp build/bench/bench build/stage/measure/bench
	@cp build/busybox build/stage/measure/bin/
	@ln -s busybox build/stage/measure/bin/sh
	@ln -s busybox build/stage/measure/bin/true
	@fakeroot sh -ec 'mknod -m 600 build/stage/measure/dev/console c 5 1; \
		chown -R 0:0 build/stage/measure; \
		rootfs/make-cpio build/stage/measure > $@.new'
	@mv $@.new $@

.PHONY: bench
bench: $(KERNEL) build/bench/bench.cpio $(LINUX)/boot | test-deps ## cost of each operation, Tine beside Linux: BENCH='rows' ROUNDS=3 KEEP=1
	@tests/bench/run --rounds $(ROUNDS) $(if $(KEEP),--keep) $(KERNEL) $(BENCH)
