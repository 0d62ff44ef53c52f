# The ABI against Linux's UAPI headers, and the numbers of syscalls/table.h
# against <asm/unistd_64.h>.  Included by the top Makefile; `build/abi-check.stamp`
# is made when every fact agrees.  Needs Debian's linux-libc-dev.

ABI_HOSTCC ?= gcc
ABI_CHECK  := build/abi-check
ABI_HOSTFLAGS := -std=gnu17 -O1 -Wall -Wextra -Iabi/check

build/abi-check.stamp: $(wildcard abi/*.h abi/check/*) syscalls/table.h
	@mkdir -p $(ABI_CHECK)
	$(ABI_HOSTCC) $(ABI_HOSTFLAGS) -ffreestanding -nostdinc \
		-isystem "$$($(ABI_HOSTCC) -print-file-name=include)" -I. -DTINE \
		-c abi/check/facts.c -o $(ABI_CHECK)/facts-tine.o
	$(ABI_HOSTCC) $(ABI_HOSTFLAGS) -c abi/check/facts.c -o $(ABI_CHECK)/facts-linux.o
	$(ABI_HOSTCC) $(ABI_HOSTFLAGS) abi/check/compare.c $(ABI_CHECK)/facts-tine.o \
		$(ABI_CHECK)/facts-linux.o -o $(ABI_CHECK)/compare
	$(ABI_CHECK)/compare
	$(ABI_HOSTCC) $(ABI_HOSTFLAGS) -I. -fsyntax-only abi/check/numbers.c
	@touch $@
