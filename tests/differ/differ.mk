# make differ: the same random questions to Tine and to Linux, compared.

DIFFER_SUBJECTS := $(patsubst tests/differ/%.c,%,$(wildcard tests/differ/*.c))
DIFFER_PROGRAMS := $(DIFFER_SUBJECTS:%=build/differ/bin/%)

# Members of a crew are threads without a C library: no stack protector, and one
# place for the program in memory.
build/differ/bin/%: tests/differ/%.c | $(UAPI)
	@mkdir -p $(@D)
	@echo "  DIFFER $<"
	@$(MUSL_CC) -std=gnu17 -O1 -g -Wall -Wextra -Werror -static -no-pie \
		-fno-stack-protector -Itests/differ -I. -MMD -MP -o $@ $<
-include $(DIFFER_PROGRAMS:=.d)

build/differ/root.ext2: $(DIFFER_PROGRAMS) build/busybox build/busybox-dynamic \
		$(ROOT_FILES)
	@echo "  IMG  $@"
	@rm -rf build/stage/differ-extra
	@mkdir -p build/stage/differ-extra/differ build/stage/differ-extra/out
	@for program in $(DIFFER_SUBJECTS); do \
		strip -o build/stage/differ-extra/differ/$$program \
			build/differ/bin/$$program; \
	done
	@fakeroot sh -ec 'rootfs/stage build/stage/differ build/stage/differ-extra; \
		$(call make_ext2,build/stage/differ,$@.new,tine-root,$(ROOT_UUID))'
	@mv $@.new $@

.PHONY: differ
SEED ?= 1
SEEDS ?= 10
STEPS ?= 200
differ: $(KERNEL) build/differ/root.ext2 build/tests/linux.cpio.gz | test-deps ## the same random calls on Tine and on Linux, compared: SEED=1 SEEDS=10 STEPS=200 T='life jobs'
	@env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL SMP=$(SMP) \
		TINE_KERNEL=$(abspath $(KERNEL)) \
		tests/differ/run --seed $(SEED) --seeds $(SEEDS) \
		--steps $(STEPS) $(T)
