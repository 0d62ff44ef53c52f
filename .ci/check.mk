# make check: what a program can see without running the kernel.

.PHONY: check check-scripts check-headers check-user format check-deps
check-deps:
	@CC=$(CC) .ci/deps all

check: check-scripts check-headers check-user ## include order, style, each header alone, __user, landmarks, docs

check-scripts: $(KERNEL) | check-deps
	@status=0; \
	for script in layers style docs syscalls; do .ci/check-$$script || status=1; done; \
	.ci/check-landmarks $(KERNEL) || status=1; exit $$status

# Each header compiles by itself (asm.h is for assembly, table.h for its users).
HEADERS := $(shell find $(wildcard abi fs kernel syscalls) -name '*.h' \
	! -path 'abi/check/*' ! -path '*/vdso/user/*' ! -path 'kernel/tools/*' \
	! -name 'table.h' ! -name 'asm.h')
HEADER_STAMPS := $(HEADERS:%=build/check/%.alone)
build/check/%.alone: % | check-deps
	@mkdir -p $(@D)
	@echo '#include <$*>' | $(CC) $(CPPFLAGS) $(CFLAGS) -fsyntax-only \
		-MMD -MP -MF $@.d -MT $@ -x c -
	@touch $@
-include $(HEADER_STAMPS:=.d)
check-headers: $(HEADER_STAMPS)

# User pointers are never followed: clang sees __user as an address space.
CLANG_FLAGS = -nostdinc -isystem "$$(clang -print-resource-dir)/include" -I. \
	-D__KERNEL__ $(LANGUAGE) -mcmodel=kernel \
	-mno-red-zone -mgeneral-regs-only -Wno-everything -Werror=noderef \
	-Werror=incompatible-pointer-types-discards-qualifiers
USER_STAMPS := $(patsubst %,build/check/%.user,$(filter %.c,$(SOURCES)))
$(filter %/kernel/init/gunzip.c.user,$(USER_STAMPS)): \
	EXTRA_CPPFLAGS = -isystem $(ZLIB) -DZ_SOLO
build/check/%.user: % | check-deps
	@mkdir -p $(@D)
	@clang $(CLANG_FLAGS) $(EXTRA_CPPFLAGS) -fsyntax-only \
		-MMD -MP -MF $@.d -MT $@ $<
	@touch $@
-include $(USER_STAMPS:=.d)
check-user: $(USER_STAMPS)

format: | check-deps ## clang-format on every C file
	@find $(wildcard abi fs kernel syscalls tests) -name '*.[ch]' \
		-exec clang-format -i {} +
