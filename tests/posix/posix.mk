# The Open POSIX Test Suite, from Debian's source package, unpatched: built with
# musl-gcc, run on Tine and on Linux in the same QEMU.

POSIX_SOURCE := build/src/posixtestsuite

$(POSIX_SOURCE)/Makefile: rootfs/fetch | deps-build
	@rootfs/fetch source posixtestsuite 1.5.2 $(@D)
	@touch $@

build/posix/list: tests/posix/build $(POSIX_SOURCE)/Makefile | $(UAPI)
	@echo "  POSIX building (some minutes)"
	@tests/posix/build $(POSIX_SOURCE) $(@D) $(MUSL_CC)

build/posix/root.ext2: build/posix/list build/busybox build/busybox-dynamic \
		$(ROOT_FILES)
	@echo "  IMG  $@"
	@rm -rf build/stage/posix-extra
	@mkdir -p build/stage/posix-extra
	@cp -r build/posix/bin build/stage/posix-extra/posix
	@fakeroot sh -ec 'rootfs/stage build/stage/posix build/stage/posix-extra; \
		$(call make_ext2,build/stage/posix,$@.new,tine-root,$(ROOT_UUID))'
	@mv $@.new $@

.PHONY: posix
RUNS ?= 1
JOBS ?= $(shell nproc)
posix: $(KERNEL) build/posix/root.ext2 build/tests/linux.cpio.gz | test-deps ## the Open POSIX Test Suite on Tine and on Linux: RUNS=3 JOBS=2 T='fork sig'
	@env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL SMP=$(SMP) \
		TINE_KERNEL=$(abspath $(KERNEL)) \
		tests/posix/run --runs $(RUNS) --jobs $(JOBS) $(T)
