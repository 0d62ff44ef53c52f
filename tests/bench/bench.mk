# make bench: what operations cost, on Tine and on Linux in the same QEMU.

BENCH ?=
ROUNDS ?= 3

build/bench/bench: $(wildcard tests/bench/*.[ch]) tests/bench/bench.mk | $(UAPI)
	@mkdir -p $(@D)
	@echo "  BENCH $@"
	@$(MUSL_CC) -std=gnu17 -O2 -Wall -Wextra -Werror -static -pthread \
		-s -o $@ $(filter %.c,$^)

build/bench/bench.cpio: build/bench/bench build/busybox $(LINUX)/boot
	@rm -rf build/stage/measure
	@mkdir -p build/stage/measure/bin build/stage/measure/dev \
		build/stage/measure/proc build/stage/measure/tmp \
		build/stage/measure/modules
	@find $(LINUX)/lib/modules -name 'virtio*.ko' \
		-exec cp {} build/stage/measure/modules/ \;
	@cp build/bench/bench build/stage/measure/bench
	@cp build/busybox build/stage/measure/bin/
	@ln -s busybox build/stage/measure/bin/sh
	@ln -s busybox build/stage/measure/bin/true
	@fakeroot sh -ec 'mknod -m 600 build/stage/measure/dev/console c 5 1; \
		chown -R 0:0 build/stage/measure; \
		rootfs/make-cpio build/stage/measure > $@.new'
	@mv $@.new $@

# A disk with directories of 10 to 100,000 names.
build/bench/curve.ext2: tests/bench/make-curve-disk
	@mkdir -p $(@D)
	@tests/bench/make-curve-disk $@.new
	@mv $@.new $@

BENCH_NEEDS := $(KERNEL) build/bench/bench.cpio $(LINUX)/boot
.PHONY: bench bench-scale bench-sharing bench-profile \
	bench-curves
bench: $(BENCH_NEEDS) | test-deps ## cost of each operation, Tine beside Linux, and what a second CPU adds: BENCH='rows' ROUNDS=3 KEEP=1
	@tests/bench/run --rounds $(ROUNDS) $(if $(KEEP),--keep) $(KERNEL) $(BENCH)
ifeq ($(BENCH),)
	@tests/bench/scale --rounds $(ROUNDS) $(if $(KEEP),--keep) $(KERNEL)
endif

bench-scale: $(BENCH_NEEDS) | test-deps ## only what a second CPU adds: BENCH='operations' ROUNDS=3 KEEP=1
	@tests/bench/scale --rounds $(ROUNDS) $(if $(KEEP),--keep) $(KERNEL) $(BENCH)

build/bench/%.so: tests/bench/plugin/%.c tests/bench/plugin/qemu_plugin.h
	@mkdir -p $(@D)
	@echo "  BENCH $@"
	@$(CC) -std=gnu17 -O2 -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden \
		-o $@ $<

bench-sharing: $(BENCH_NEEDS) build/bench/sharing.so | test-deps ## which cache lines go from CPU to CPU: BENCH='operations'
	@tests/bench/sharing $(KERNEL) build/bench/sharing.so \
		$(or $(BENCH),fork exec fault_processes pipe_alone open_own)

bench-profile: $(BENCH_NEEDS) build/bench/profile.so | test-deps ## where the instructions of an operation go: BENCH='rows'
	@tests/bench/profile $(KERNEL) build/bench/profile.so \
		$(or $(BENCH),getppid kill fork)

bench-curves: $(BENCH_NEEDS) build/bench/curve.ext2 | test-deps ## plots of cost against size: BENCH='curves' KEEP=1
	@tests/bench/curves $(if $(KEEP),--keep) $(KERNEL) $(BENCH)
