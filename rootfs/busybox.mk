# BusyBox, unpatched, with musl: build/busybox (static) and build/busybox-dynamic.
# The configuration is its defconfig and busybox-config/deltas.

# musl has no kernel headers: these folders of linux-libc-dev, and no others.
UAPI := build/uapi/linux
MUSL_CC := musl-gcc -idirafter $(abspath build/uapi)

$(UAPI): | deps-build
	@mkdir -p $(@D)
	@ln -sfn /usr/include/linux $(@D)/linux
	@ln -sfn /usr/include/asm-generic $(@D)/asm-generic
	@ln -sfn /usr/include/mtd $(@D)/mtd
	@ln -sfn /usr/include/$(shell uname -m)-linux-gnu/asm $(@D)/asm

# The sub-make must not see this make's flags.
BUSYBOX_MAKE = env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL KCONFIG_NOTIMESTAMP=1 \
	make -s -j$(shell nproc) -C build/busybox-$* CC="$(MUSL_CC)" HOSTCC=gcc

build/busybox-static/.config build/busybox-dyn/.config: \
build/busybox-%/.config: busybox-config/deltas $(BUSYBOX_SOURCE)/Makefile \
		| $(UAPI)
	@mkdir -p $(@D)
	@env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C $(BUSYBOX_SOURCE) \
		O=$(abspath $(@D)) defconfig > $(@D)/config.log 2>&1
	@sed -n 's/^\(both\|$(patsubst dyn,dynamic,$*)\) *\(CONFIG_[^ ]*\).*/\2/p' \
		busybox-config/deltas > $(@D)/deltas
	@while IFS='=' read -r key value; do \
		sed -i -e "/^$$key=/d" -e "/^# $$key is not set/d" $@; \
		if [ "$$value" = n ]; then echo "# $$key is not set"; \
		else echo "$$key=$$value"; fi >> $@; \
	done < $(@D)/deltas
	@yes "" | $(BUSYBOX_MAKE) oldconfig >> $(@D)/config.log 2>&1

build/busybox-static/busybox build/busybox-dyn/busybox: \
build/busybox-%/busybox: build/busybox-%/.config
	@echo "  MAKE busybox ($*)"
	@$(BUSYBOX_MAKE) busybox busybox.links > $(@D)/build.log 2>&1 || \
		{ tail -n 20 $(@D)/build.log; \
		  echo "tine: BusyBox did not build: see $(@D)/build.log"; exit 1; }

build/busybox: build/busybox-static/busybox
	@cp $< $@
build/busybox-dynamic: build/busybox-dyn/busybox
	@cp $< $@
