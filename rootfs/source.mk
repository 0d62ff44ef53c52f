# Source packages: fetched with apt-get from the machine's own Debian mirror,
# checked against the .dsc, unpacked as released (debian/patches are not used).
# Everything stays in build/src/.

BUSYBOX_SOURCE := build/src/busybox
ZLIB := build/src/zlib
LINUX := build/linux

$(BUSYBOX_SOURCE)/Makefile: rootfs/fetch | deps-build
	@rootfs/fetch source busybox 1.35.0 $(@D)
	@touch $@

$(ZLIB)/zlib.h: rootfs/fetch | deps-build
	@rootfs/fetch source zlib 1.2.13 $(@D)
	@touch $@

# Linux itself, for comparison: its kernel and modules, not installed.
$(LINUX)/boot: rootfs/fetch | deps-build
	@rootfs/fetch package linux-image-cloud-amd64 $(LINUX)
	@touch $@
