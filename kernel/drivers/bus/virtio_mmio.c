/*
 * virtio_mmio.c - virtio devices behind plain registers (virtio 1.1, 4.2), as
 * on QEMU's microvm: version 2, and version 1, the legacy one that QEMU
 * still shows by default.
 *
 * They are found by virtio_mmio.device=SIZE@BASE:IRQ words of the command
 * line, which QEMU adds without ACPI, and in the DSDT.
 *
 * Entry points: virtio_mmio_init.
 */
#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/acpi.h>
#include <kernel/arch/io.h>
#include <kernel/arch/irq_chip.h>
#include <kernel/arch/paging.h>
#include <kernel/base/cmdline.h>
#include <kernel/base/errptr.h>
#include <kernel/base/printk.h>
#include <kernel/drivers/bus/virtio.h>
#include <kernel/irq/irq.h>
#include <kernel/lib/parse.h>

#define REG_MAGIC		0x000
#define REG_VERSION		0x004
#define REG_DEVICE_ID		0x008
#define REG_VENDOR_ID		0x00c
#define REG_DEVICE_FEATURES	0x010
#define REG_DEVICE_FEATURES_SEL 0x014
#define REG_DRIVER_FEATURES	0x020
#define REG_DRIVER_FEATURES_SEL 0x024
#define REG_GUEST_PAGE_SIZE	0x028 /* version 1 */
#define REG_QUEUE_SEL		0x030
#define REG_QUEUE_NUM_MAX	0x034
#define REG_QUEUE_NUM		0x038
#define REG_QUEUE_ALIGN		0x03c /* version 1 */
#define REG_QUEUE_PFN		0x040 /* version 1 */
#define REG_QUEUE_READY		0x044
#define REG_QUEUE_NOTIFY	0x050
#define REG_INTERRUPT_STATUS	0x060
#define REG_INTERRUPT_ACK	0x064
#define REG_STATUS		0x070
#define REG_QUEUE_DESC		0x080
#define REG_QUEUE_DRIVER	0x090
#define REG_QUEUE_DEVICE	0x0a0
#define REG_CONFIG_GENERATION	0x0fc
#define REG_CONFIG		0x100

#define MMIO_MAGIC  0x74726976 /* "virt" */
#define MIN_SIZE    0x100
#define MAX_DEVICES 32
#define MAX_QUEUES  8

struct virtio_mmio_device {
	struct virtio_device vdev;
	char *regs;
	u32 size;
	u32 version;
	unsigned int irq;
	bool irq_requested;
	struct virtqueue *vqs[MAX_QUEUES];
};

static u64 known_base[MAX_DEVICES];
static unsigned int nr_known;

static struct virtio_mmio_device *to_vm(struct virtio_device *vdev)
{
	return container_of(vdev, struct virtio_mmio_device, vdev);
}

static u32 vm_read(struct virtio_device *vdev, unsigned int reg)
{
	return readl(to_vm(vdev)->regs + reg);
}

static void vm_write(struct virtio_device *vdev, unsigned int reg, u32 value)
{
	writel(value, to_vm(vdev)->regs + reg);
}

static u8 vm_get_status(struct virtio_device *vdev)
{
	return (u8)vm_read(vdev, REG_STATUS);
}

static void vm_set_status(struct virtio_device *vdev, u8 status)
{
	vm_write(vdev, REG_STATUS, status);
}

static void vm_reset(struct virtio_device *vdev)
{
	vm_write(vdev, REG_STATUS, 0);
	if (vdev->legacy)
		vm_write(vdev, REG_GUEST_PAGE_SIZE, PAGE_SIZE);
}

static u64 vm_get_features(struct virtio_device *vdev)
{
	u64 features;

	vm_write(vdev, REG_DEVICE_FEATURES_SEL, 0);
	features = vm_read(vdev, REG_DEVICE_FEATURES);
	if (vdev->legacy)
		return features;
	vm_write(vdev, REG_DEVICE_FEATURES_SEL, 1);
	return features | (u64)vm_read(vdev, REG_DEVICE_FEATURES) << 32;
}

static void vm_set_features(struct virtio_device *vdev, u64 features)
{
	vm_write(vdev, REG_DRIVER_FEATURES_SEL, 0);
	vm_write(vdev, REG_DRIVER_FEATURES, (u32)features);
	if (vdev->legacy)
		return;
	vm_write(vdev, REG_DRIVER_FEATURES_SEL, 1);
	vm_write(vdev, REG_DRIVER_FEATURES, (u32)(features >> 32));
}

static void vm_read_config(struct virtio_device *vdev, unsigned int offset,
			   void *buf, unsigned int len)
{
	struct virtio_mmio_device *vm = to_vm(vdev);
	u8 *out = buf;
	unsigned int i;

	for (i = 0; i < len; i++)
		out[i] = REG_CONFIG + offset + i < vm->size
				 ? readb(vm->regs + REG_CONFIG + offset + i)
				 : 0;
}

static u32 vm_config_generation(struct virtio_device *vdev)
{
	return vdev->legacy ? 0 : vm_read(vdev, REG_CONFIG_GENERATION);
}

static void vm_notify(struct virtqueue *vq)
{
	vm_write(vq->vdev, REG_QUEUE_NOTIFY, vq->index);
}

static enum irqreturn vm_interrupt(unsigned int irq, void *cookie)
{
	struct virtio_mmio_device *vm = cookie;
	u32 status = readl(vm->regs + REG_INTERRUPT_STATUS);
	int i;

	if (!status)
		return IRQ_NONE;
	writel(status, vm->regs + REG_INTERRUPT_ACK);
	for (i = 0; i < MAX_QUEUES; i++) {
		if (vm->vqs[i])
			virtqueue_interrupt(vm->vqs[i]);
	}
	return IRQ_HANDLED;
}

static void vm_write64(struct virtio_device *vdev, unsigned int reg, u64 value)
{
	vm_write(vdev, reg, (u32)value);
	vm_write(vdev, reg + 4, (u32)(value >> 32));
}

/* Tell the device where the selected queue lies. */
static void vm_place_queue(struct virtio_device *vdev, struct virtqueue *vq)
{
	vm_write(vdev, REG_QUEUE_NUM, vq->num);
	if (vdev->legacy) {
		vm_write(vdev, REG_QUEUE_ALIGN, PAGE_SIZE);
		vm_write(vdev, REG_QUEUE_PFN, (u32)(vq->desc_pa >> PAGE_SHIFT));
		return;
	}
	vm_write64(vdev, REG_QUEUE_DESC, vq->desc_pa);
	vm_write64(vdev, REG_QUEUE_DRIVER, vq->avail_pa);
	vm_write64(vdev, REG_QUEUE_DEVICE, vq->used_pa);
	vm_write(vdev, REG_QUEUE_READY, 1);
}

static struct virtqueue *vm_setup_vq(struct virtio_device *vdev,
				     unsigned int index, unsigned int max,
				     void (*callback)(struct virtqueue *vq),
				     const char *name)
{
	struct virtio_mmio_device *vm = to_vm(vdev);
	struct virtqueue *vq;
	u32 num;
	int err;

	if (index >= MAX_QUEUES)
		return ERR_PTR(-ENOENT);
	vm_write(vdev, REG_QUEUE_SEL, index);
	num = vm_read(vdev, REG_QUEUE_NUM_MAX);
	if (!num)
		return ERR_PTR(-ENOENT);
	/* Any power of two up to the device's greatest will do. */
	num = 1u << ilog2(min(num, (u32)max));
	vq = virtqueue_create(vdev, index, num, PAGE_SIZE);
	if (!vq)
		return ERR_PTR(-ENOMEM);
	vq->callback = callback;
	vq->name = name;
	vq->notify = vm_notify;
	vm->vqs[index] = vq;
	if (!vm->irq_requested) {
		err = request_irq(vm->irq, vm_interrupt, name, vm);
		if (err) {
			vm->vqs[index] = NULL;
			virtqueue_free(vq);
			return ERR_PTR(err);
		}
		vm->irq_requested = true;
	}
	vm_place_queue(vdev, vq);
	return vq;
}

static const struct virtio_transport vm_transport = {
	.get_status = vm_get_status,
	.set_status = vm_set_status,
	.reset = vm_reset,
	.get_features = vm_get_features,
	.set_features = vm_set_features,
	.read_config = vm_read_config,
	.config_generation = vm_config_generation,
	.setup_vq = vm_setup_vq,
};

/* Have we met the registers at @base before? */
static bool already_known(u64 base)
{
	unsigned int i;

	for (i = 0; i < nr_known; i++) {
		if (known_base[i] == base)
			return true;
	}
	if (nr_known < MAX_DEVICES)
		known_base[nr_known++] = base;
	return false;
}

/* Look at the transport at @base; register it if a device is behind it. */
static void vm_probe(u64 base, u32 size, unsigned int irq)
{
	struct virtio_mmio_device *vm;

	if (size < MIN_SIZE || already_known(base))
		return;
	vm = kzalloc(sizeof(*vm));
	if (!vm)
		return;
	vm->regs = ioremap(base, size);
	if (!vm->regs) {
		kfree(vm);
		return;
	}
	vm->size = size;
	vm->irq = irq;
	vm->version = readl(vm->regs + REG_VERSION);
	vm->vdev.id = readl(vm->regs + REG_DEVICE_ID);
	vm->vdev.vendor = readl(vm->regs + REG_VENDOR_ID);
	vm->vdev.legacy = vm->version == 1;
	vm->vdev.ops = &vm_transport;
	/* Id 0: a transport with no device plugged in. */
	if (readl(vm->regs + REG_MAGIC) != MMIO_MAGIC || vm->version < 1 ||
	    vm->version > 2 || vm->vdev.id == 0) {
		iounmap(vm->regs);
		kfree(vm);
		return;
	}
	/* QEMU wires them as edges, whatever ACPI would say of the rest. */
	(void)arch_irq_set_type(irq, ARCH_IRQ_EDGE_HIGH);
	(void)register_virtio_device(&vm->vdev);
}

/* "512@0xfeb00000:5[:id]" */
static void vm_probe_parameter(const char *text)
{
	unsigned long long size;
	unsigned long long base;
	unsigned long long irq;
	char *at;

	size = memparse(text, &at);
	if (*at != '@') {
		pr_warn("virtio_mmio: bad device parameter \"%s\"\n", text);
		return;
	}
	base = simple_strtoull(at + 1, &at, 0);
	if (*at != ':') {
		pr_warn("virtio_mmio: bad device parameter \"%s\"\n", text);
		return;
	}
	irq = simple_strtoull(at + 1, &at, 0);
	vm_probe(base, (u32)size, (unsigned int)irq);
}

void virtio_mmio_init(void)
{
	struct acpi_mmio_device found;
	const char *text;
	unsigned int i;

	for (i = 0; (text = cmdline_get_nth("virtio_mmio.device", i)); i++)
		vm_probe_parameter(text);
	for (i = 0; acpi_virtio_mmio(i, &found) == 0; i++)
		vm_probe(found.base, found.size, found.gsi);
}
