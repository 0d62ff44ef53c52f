/*
 * virtio_pci.c - virtio devices on PCI (virtio 1.1, 4.1), modern interface.
 *
 * Vendor capabilities say in which BARs the common, notify, ISR and device
 * configuration structures lie.  Transitional devices have them as well, so
 * the legacy port interface is not needed.  One MSI-X vector per queue, or
 * the pin interrupt and the ISR byte.
 *
 * Entry points: virtio_pci_init.
 */
#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/io.h>
#include <kernel/base/errptr.h>
#include <kernel/base/printk.h>
#include <kernel/drivers/bus/pci.h>
#include <kernel/drivers/bus/virtio.h>

#define VIRTIO_VENDOR	    0x1af4
#define VIRTIO_FIRST_DEVICE 0x1000
#define VIRTIO_MODERN_BASE  0x1040
#define VIRTIO_LAST_DEVICE  0x107f

enum cap_type {
	CAP_COMMON = 1,
	CAP_NOTIFY = 2,
	CAP_ISR = 3,
	CAP_DEVICE = 4,
	NR_CAP_TYPES,
};

/* Fields of a vendor capability. */
#define CAP_TYPE_AT	  3
#define CAP_BAR_AT	  4
#define CAP_OFFSET_AT	  8
#define CAP_LENGTH_AT	  12
#define CAP_MULTIPLIER_AT 16

/* The common configuration structure. */
#define CFG_DEVICE_FEATURE_SELECT 0
#define CFG_DEVICE_FEATURE	  4
#define CFG_DRIVER_FEATURE_SELECT 8
#define CFG_DRIVER_FEATURE	  12
#define CFG_MSIX_CONFIG		  16
#define CFG_NUM_QUEUES		  18
#define CFG_STATUS		  20
#define CFG_GENERATION		  21
#define CFG_QUEUE_SELECT	  22
#define CFG_QUEUE_SIZE		  24
#define CFG_QUEUE_MSIX		  26
#define CFG_QUEUE_ENABLE	  28
#define CFG_QUEUE_NOTIFY_OFF	  30
#define CFG_QUEUE_DESC		  32
#define CFG_QUEUE_DRIVER	  40
#define CFG_QUEUE_DEVICE	  48

#define NO_VECTOR  0xffff
#define MAX_QUEUES 8

struct virtio_pci_device {
	struct virtio_device vdev;
	struct pci_dev *pdev;
	char *area[NR_CAP_TYPES]; /* mapped structures */
	u32 length[NR_CAP_TYPES];
	u32 notify_multiplier;
	int nr_vectors; /* of MSI-X; 0 or less: INTx */
	bool intx_requested;
	struct virtqueue *vqs[MAX_QUEUES];
};

static struct virtio_pci_device *to_vp(struct virtio_device *vdev)
{
	return container_of(vdev, struct virtio_pci_device, vdev);
}

static char *common(struct virtio_device *vdev)
{
	return to_vp(vdev)->area[CAP_COMMON];
}

static u8 vp_get_status(struct virtio_device *vdev)
{
	return readb(common(vdev) + CFG_STATUS);
}

static void vp_set_status(struct virtio_device *vdev, u8 status)
{
	writeb(status, common(vdev) + CFG_STATUS);
}

static void vp_reset(struct virtio_device *vdev)
{
	int tries;

	vp_set_status(vdev, 0);
	/* 4.1.4.3.2: the device is reset when status reads 0. */
	for (tries = 0; vp_get_status(vdev) && tries < 1000000; tries++)
		__builtin_ia32_pause();
}

static u64 vp_get_features(struct virtio_device *vdev)
{
	u64 features;

	writel(0, common(vdev) + CFG_DEVICE_FEATURE_SELECT);
	features = readl(common(vdev) + CFG_DEVICE_FEATURE);
	writel(1, common(vdev) + CFG_DEVICE_FEATURE_SELECT);
	return features | (u64)readl(common(vdev) + CFG_DEVICE_FEATURE) << 32;
}

static void vp_set_features(struct virtio_device *vdev, u64 features)
{
	writel(0, common(vdev) + CFG_DRIVER_FEATURE_SELECT);
	writel((u32)features, common(vdev) + CFG_DRIVER_FEATURE);
	writel(1, common(vdev) + CFG_DRIVER_FEATURE_SELECT);
	writel((u32)(features >> 32), common(vdev) + CFG_DRIVER_FEATURE);
}

static void vp_read_config(struct virtio_device *vdev, unsigned int offset,
			   void *buf, unsigned int len)
{
	struct virtio_pci_device *vp = to_vp(vdev);
	u8 *out = buf;
	unsigned int i;

	for (i = 0; i < len; i++)
		out[i] = offset + i < vp->length[CAP_DEVICE]
				 ? readb(vp->area[CAP_DEVICE] + offset + i)
				 : 0;
}

static u32 vp_config_generation(struct virtio_device *vdev)
{
	return readb(common(vdev) + CFG_GENERATION);
}

static void vp_notify(struct virtqueue *vq)
{
	writew((u16)vq->index, vq->transport_data);
}

static enum irqreturn vp_vector_interrupt(unsigned int irq, void *cookie)
{
	virtqueue_interrupt(cookie);
	return IRQ_HANDLED;
}

static enum irqreturn vp_pin_interrupt(unsigned int irq, void *cookie)
{
	struct virtio_pci_device *vp = cookie;
	int i;

	/* Reading takes the interrupt back. */
	if (!readb(vp->area[CAP_ISR]))
		return IRQ_NONE;
	for (i = 0; i < MAX_QUEUES; i++) {
		if (vp->vqs[i])
			virtqueue_interrupt(vp->vqs[i]);
	}
	return IRQ_HANDLED;
}

/* Give the selected queue an interrupt.  0 or -errno. */
static int vp_setup_interrupt(struct virtio_pci_device *vp,
			      struct virtqueue *vq)
{
	char *cfg = vp->area[CAP_COMMON];
	int err;

	if (vp->nr_vectors > (int)vq->index) {
		err = pci_msix_request(vp->pdev, vq->index, vp_vector_interrupt,
				       vq->name, vq);
		if (err)
			return err;
		writew((u16)vq->index, cfg + CFG_QUEUE_MSIX);
		if (readw(cfg + CFG_QUEUE_MSIX) == vq->index)
			return 0;
		return -EBUSY;
	}
	if (vp->nr_vectors > 0)
		return -ENOSPC;
	if (vp->intx_requested)
		return 0;
	err = pci_intx_request(vp->pdev, vp_pin_interrupt, vq->name, vp);
	vp->intx_requested = !err;
	return err;
}

/* Two halves, as the specification wants for drivers in general. */
static void write64(u64 value, char *addr)
{
	writel((u32)value, addr);
	writel((u32)(value >> 32), addr + 4);
}

static struct virtqueue *vp_setup_vq(struct virtio_device *vdev,
				     unsigned int index, unsigned int max,
				     void (*callback)(struct virtqueue *vq),
				     const char *name)
{
	struct virtio_pci_device *vp = to_vp(vdev);
	char *cfg = common(vdev);
	struct virtqueue *vq;
	u64 notify_at;
	u16 num;
	int err;

	if (index >= MAX_QUEUES || index >= readw(cfg + CFG_NUM_QUEUES))
		return ERR_PTR(-ENOENT);
	writew((u16)index, cfg + CFG_QUEUE_SELECT);
	num = readw(cfg + CFG_QUEUE_SIZE);
	notify_at =
		(u64)readw(cfg + CFG_QUEUE_NOTIFY_OFF) * vp->notify_multiplier;
	if (!is_power_of_2(num) || notify_at + 2 > vp->length[CAP_NOTIFY])
		return ERR_PTR(-ENODEV);
	num = (u16)min((unsigned int)num, max);
	vq = virtqueue_create(vdev, index, num, 64);
	if (!vq)
		return ERR_PTR(-ENOMEM);
	vq->callback = callback;
	vq->name = name;
	vq->notify = vp_notify;
	vq->transport_data = vp->area[CAP_NOTIFY] + notify_at;

	writew(num, cfg + CFG_QUEUE_SIZE);
	write64(vq->desc_pa, cfg + CFG_QUEUE_DESC);
	write64(vq->avail_pa, cfg + CFG_QUEUE_DRIVER);
	write64(vq->used_pa, cfg + CFG_QUEUE_DEVICE);
	vp->vqs[index] = vq;
	err = vp_setup_interrupt(vp, vq);
	if (err) {
		vp->vqs[index] = NULL;
		virtqueue_free(vq);
		return ERR_PTR(err);
	}
	writew(1, cfg + CFG_QUEUE_ENABLE);
	return vq;
}

static const struct virtio_transport vp_transport = {
	.get_status = vp_get_status,
	.set_status = vp_set_status,
	.reset = vp_reset,
	.get_features = vp_get_features,
	.set_features = vp_set_features,
	.read_config = vp_read_config,
	.config_generation = vp_config_generation,
	.setup_vq = vp_setup_vq,
};

/* Map the first capability of each kind; 0 or -ENODEV. */
static int vp_map_areas(struct virtio_pci_device *vp)
{
	struct pci_dev *pdev = vp->pdev;
	u8 at = 0;
	u8 type;
	int left;

	for (left = 48; left; left--) {
		at = pci_find_capability(pdev, PCI_CAP_ID_VNDR, at);
		if (!at)
			break;
		type = pci_read8(pdev, at + CAP_TYPE_AT);
		if (type < CAP_COMMON || type >= NR_CAP_TYPES || vp->area[type])
			continue;
		vp->length[type] = pci_read32(pdev, at + CAP_LENGTH_AT);
		vp->area[type] = pci_iomap(
			pdev, pci_read8(pdev, at + CAP_BAR_AT),
			pci_read32(pdev, at + CAP_OFFSET_AT), vp->length[type]);
		if (type == CAP_NOTIFY)
			vp->notify_multiplier =
				pci_read32(pdev, at + CAP_MULTIPLIER_AT);
	}
	if (!vp->area[CAP_COMMON] || !vp->area[CAP_NOTIFY] ||
	    !vp->area[CAP_ISR])
		return -ENODEV;
	return vp->length[CAP_COMMON] >= CFG_QUEUE_DEVICE + 8 ? 0 : -ENODEV;
}

static int vp_probe(struct pci_dev *pdev)
{
	struct virtio_pci_device *vp = kzalloc(sizeof(*vp));
	int err;

	if (!vp)
		return -ENOMEM;
	vp->pdev = pdev;
	pci_enable(pdev);
	err = vp_map_areas(vp);
	if (err) {
		pr_warn("virtio-pci %s: no modern interface\n", pdev->dev.name);
		kfree(vp);
		return err;
	}
	if (!vp->area[CAP_DEVICE])
		vp->length[CAP_DEVICE] = 0;
	vp->nr_vectors = pci_msix_enable(pdev);
	vp->vdev.ops = &vp_transport;
	vp->vdev.vendor = pdev->vendor;
	vp->vdev.id = pdev->device >= VIRTIO_MODERN_BASE
			      ? pdev->device - VIRTIO_MODERN_BASE
			      : pdev->subsystem;
	vp->vdev.dev.parent = &pdev->dev;
	vp_reset(&vp->vdev);
	if (vp->nr_vectors > 0)
		writew(NO_VECTOR, vp->area[CAP_COMMON] + CFG_MSIX_CONFIG);
	return register_virtio_device(&vp->vdev);
}

static struct pci_driver virtio_pci_driver = {
	.drv = {.name = "virtio-pci"},
	.vendor = VIRTIO_VENDOR,
	.device_first = VIRTIO_FIRST_DEVICE,
	.device_last = VIRTIO_LAST_DEVICE,
	.probe = vp_probe,
};

void virtio_pci_init(void)
{
	(void)register_pci_driver(&virtio_pci_driver);
}
