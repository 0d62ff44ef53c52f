# Unit tests: each *_test.c of the tree becomes a host program under ASan and
# UBSan.  It is linked with the file it stands beside (rbtree_test.c with
# rbtree.c), or with the files its "Links: a.c" lines name ("Links: alone"
# for none, where the test includes its source), with kernel/lib and with
# stand-ins for the rest of the kernel.

UNIT_TESTS := $(sort $(shell find kernel fs syscalls -name '*_test.c' 2>/dev/null))
UNIT_PROGRAMS := $(patsubst %.c,build/unit/%,$(UNIT_TESTS))

UNIT_FLAGS = -std=gnu17 -O1 -g -ffreestanding -nostdinc \
	-isystem $(GCC_INCLUDE) -Itests/unit/stand-ins -I. -D__KERNEL__ \
	-DTINE_HOST_TEST -include tests/unit/names.h -fno-strict-aliasing \
	-fno-omit-frame-pointer -Wall -Wextra -Werror -Wno-unused-parameter \
	-Wno-missing-field-initializers -fno-builtin
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all

UNIT_LIB_OBJECTS := $(patsubst %.c,build/unit/obj/%.o,\
	$(filter-out %_test.c,$(wildcard kernel/lib/*.c)))

build/unit/obj/%.o: %.c tests/unit/unit.mk | deps-build
	@mkdir -p $(@D)
	@$(CC) $(UNIT_FLAGS) $(SANITIZERS) -MMD -MP -c -o $@ $<
-include $(shell find build/unit/obj -name '*.d' 2>/dev/null)

build/unit/obj/tests/unit/runner.o: tests/unit/runner.c tests/unit/unit.mk | deps-build
	@mkdir -p $(@D)
	@$(CC) -std=gnu17 -O1 -g -Wall -Wextra -Werror $(SANITIZERS) -c -o $@ $<

build/unit/lib.a: $(UNIT_LIB_OBJECTS) build/unit/obj/tests/unit/stand_ins.o
	@rm -f $@
	@ar rcs $@ $^

# The sources linked with test $(1).
unit_links = $(or $(filter-out alone,$(unit_named)),\
	$(if $(filter alone,$(unit_named)),,$(wildcard $(1:_test.c=.c))))
unit_named = $(shell sed -n 's/^ \* Links: *//p' $(1))

define unit_program
build/unit/$(1:.c=): build/unit/obj/$(1:.c=.o) \
		$(patsubst %.c,build/unit/obj/%.o,$(call unit_links,$(1))) \
		build/unit/obj/tests/unit/runner.o build/unit/lib.a
	@mkdir -p $$(@D)
	@echo "  UNIT $(1)"
	@$$(CC) $$(SANITIZERS) -o $$@ $$^ build/unit/lib.a
endef
$(foreach test,$(UNIT_TESTS),$(eval $(call unit_program,$(test))))

.PHONY: unit
unit: $(UNIT_PROGRAMS) ## unit tests on the host, under ASan and UBSan
	@tests/unit/run $(UNIT_PROGRAMS)
