# The images: root.ext2 (a whole disk), root.cpio.gz (the same as an initramfs),
# tine.img (MBR, GRUB, one ext2 partition with the kernel), tine.iso (GRUB, the
# initramfs as a module).  fakeroot stands in for root.

IMAGES := build/root.ext2 build/root.cpio.gz build/tine.img build/tine.iso
ROOT_FILES := $(shell find rootfs/etc -type f) rootfs/stage rootfs/make-cpio \
	rootfs/images.mk
ROOT_SIZE := 512M
ROOT_UUID := 74696e65-0000-4000-8000-000000000001
DISK_UUID := 74696e65-0000-4000-8000-000000000002

# $(call make_ext2,FOLDER,IMAGE,LABEL,UUID): a fresh image, sparse.
make_ext2 = rm -f $(2) && truncate -s $(ROOT_SIZE) $(2) && \
	/usr/sbin/mke2fs -q -F -t ext2 -b 4096 -m 1 \
	-L $(3) -U $(4) -E root_owner=0:0 -d $(1) $(2)

build/root.ext2: build/busybox build/busybox-dynamic $(ROOT_FILES) | deps-build
	@echo "  IMG  $@"
	@fakeroot sh -ec 'rootfs/stage build/stage/root; \
		$(call make_ext2,build/stage/root,$@.new,tine-root,$(ROOT_UUID))'
	@mv $@.new $@

build/root.cpio: build/busybox build/busybox-dynamic $(ROOT_FILES) | deps-build
	@fakeroot sh -ec 'rootfs/stage build/stage/cpio; \
		rootfs/make-cpio build/stage/cpio > $@.new'
	@mv $@.new $@

build/root.cpio.gz: build/root.cpio
	@echo "  IMG  $@"
	@gzip -9nc $< > $@

# The menu that both GRUB images show for no time at all.
GRUB_HEAD = printf 'set timeout=0\nserial --unit=0 --speed=115200\n\
	terminal_output serial\nmenuentry Tine {\n%s\n}\n'

# With DEBUG=1 the images hold the debug kernel, and are made again without.
build/image-kernel: FORCE
	@mkdir -p $(@D)
	@echo '$(KERNEL)' | cmp -s - $@ || echo '$(KERNEL)' > $@

build/tine.img: $(KERNEL) build/image-kernel build/busybox \
		build/busybox-dynamic $(ROOT_FILES) rootfs/make-disk | deps-images
	@echo "  IMG  $@"
	@rm -rf build/stage/boot; mkdir -p build/stage/boot/boot/grub
	@cp $(KERNEL) build/stage/boot/boot/tine.elf
	@strip --strip-debug build/stage/boot/boot/tine.elf
	@$(GRUB_HEAD) 'multiboot2 /boot/tine.elf console=ttyS0 root=/dev/vda1 rw' \
		> build/stage/boot/boot/grub/grub.cfg
	@fakeroot sh -ec 'rootfs/stage build/stage/disk build/stage/boot; \
		$(call make_ext2,build/stage/disk,$@.part,tine-disk,$(DISK_UUID))'
	@rootfs/make-disk $@.part $@
	@rm -f $@.part

build/tine.iso: $(KERNEL) build/image-kernel build/root.cpio.gz \
		rootfs/images.mk | deps-images
	@echo "  IMG  $@"
	@rm -rf build/stage/iso; mkdir -p build/stage/iso/boot/grub
	@cp $(KERNEL) build/stage/iso/boot/tine.elf
	@strip --strip-debug build/stage/iso/boot/tine.elf
	@cp build/root.cpio.gz build/stage/iso/boot/
	@$(GRUB_HEAD) 'multiboot2 /boot/tine.elf console=ttyS0\
	module2 /boot/root.cpio.gz' | sed 's/\\/\n/' \
		> build/stage/iso/boot/grub/grub.cfg
	@grub-mkrescue -o $@ build/stage/iso > build/stage/iso.log 2>&1 || \
		{ tail -n 5 build/stage/iso.log; exit 1; }
