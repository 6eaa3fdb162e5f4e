// SPDX-License-Identifier: MIT
#include "abi/sl200_mmu.h"
#include "abi/sl200_regs.h"
#include "driver/core/boot.h"
#include "driver/core/patience.h"

#define BOOT_POLL_US 200

const char *core_boot_text(uint32_t status)
{
	switch ((enum sl200_boot_status)status) {
	case SL200_BOOT_RESET:
		return "the MCU is held in reset";
	case SL200_BOOT_ROM:
		return "the boot ROM has started";
	case SL200_BOOT_HEADER:
		return "the image header is copied";
	case SL200_BOOT_HEADER_OK:
		return "the image header is valid";
	case SL200_BOOT_SIGNATURE_OK:
		return "the signature is valid";
	case SL200_BOOT_COPIED:
		return "the payload is copied";
	case SL200_BOOT_HASH_OK:
		return "the payload's hash is valid, the firmware is starting";
	case SL200_BOOT_RUNNING:
		return "the firmware is running";
	case SL200_BOOT_ERR_SIZE:
		return "the image is truncated or too large";
	case SL200_BOOT_ERR_DMA:
		return "the card could not read the image";
	case SL200_BOOT_ERR_MAGIC:
		return "this is not an SL200 firmware image";
	case SL200_BOOT_ERR_HEADER:
		return "a field of the image header is out of range";
	case SL200_BOOT_ERR_HW:
		return "the image is not for this hardware version";
	case SL200_BOOT_ERR_ABI:
		return "the image shares no host interface version with this card and driver";
	case SL200_BOOT_ERR_ROLLBACK:
		return "the image's security version is older than the card accepts";
	case SL200_BOOT_ERR_SIGNATURE:
		return "the image's signature is invalid";
	case SL200_BOOT_ERR_HASH:
		return "the payload does not match its hash";
	case SL200_BOOT_ERR_NO_SLOT:
		return "the card's flash holds no valid image";
	}
	return "unknown boot status";
}

uint32_t core_boot_check(const void *image, size_t size, uint32_t *detail)
{
	struct sl200_fw_header header;

	*detail = 0;
	if (size < sizeof(header) || size > SL200_FW_MAX_SIZE)
		return SL200_BOOT_ERR_SIZE;
	memcpy(&header, image, sizeof(header));
	if (header.magic != SL200_FW_MAGIC)
		return SL200_BOOT_ERR_MAGIC;
	if (header.header_version != SL200_FW_HEADER_VERSION) {
		*detail = offsetof(struct sl200_fw_header, header_version);
		return SL200_BOOT_ERR_HEADER;
	}
	if (header.header_size != sizeof(header)) {
		*detail = offsetof(struct sl200_fw_header, header_size);
		return SL200_BOOT_ERR_HEADER;
	}
	if (header.payload_size > size - sizeof(header))
		return SL200_BOOT_ERR_SIZE;
	if (header.abi_min > SL200_FW_ABI || header.abi_max < SL200_FW_ABI) {
		*detail = offsetof(struct sl200_fw_header, abi_min);
		return SL200_BOOT_ERR_ABI;
	}
	return SL200_BOOT_RUNNING;
}

/* Poll BOOT.STATUS until it is final. */
static int boot_wait(struct core_port *port, unsigned int timeout_ms,
		     struct core_boot_result *result)
{
	uint64_t deadline =
		port->ops->now_ns(port) + core_patience_ms(port, timeout_ms) * 1000000ull;

	for (;;) {
		bool late = port->ops->now_ns(port) > deadline;

		result->status = core_read32(port, SL200_BOOT_STATUS);
		result->detail = core_read32(port, SL200_BOOT_DETAIL);
		if (result->status == CORE_ALL_ONES)
			return -ENODEV;
		if (result->status == SL200_BOOT_RUNNING)
			return 0;
		if (result->status > SL200_BOOT_RUNNING)
			return -EINVAL;
		if (late)
			return -ETIMEDOUT;
		port->ops->sleep_us(port, BOOT_POLL_US);
	}
}

int core_boot(struct core_port *port, const void *image, size_t size, unsigned int timeout_ms,
	      struct core_boot_result *result)
{
	struct core_dma dma;
	int ret;

	result->status = core_boot_check(image, size, &result->detail);
	if (result->status != SL200_BOOT_RUNNING)
		return -EINVAL;
	result->status = core_read32(port, SL200_BOOT_STATUS);
	result->detail = 0;
	if (result->status == CORE_ALL_ONES)
		return -ENODEV;
	if (result->status != SL200_BOOT_RESET && result->status <= SL200_BOOT_RUNNING)
		return -EBUSY;

	ret = port->ops->dma_alloc(port, core_align_up(size, SL200_PAGE_SIZE), &dma);
	if (ret)
		return ret;
	memcpy(dma.cpu, image, size);
	core_write32(port, SL200_BOOT_IMAGE_LO, (uint32_t)dma.bus);
	core_write32(port, SL200_BOOT_IMAGE_HI, (uint32_t)(dma.bus >> 32));
	core_write32(port, SL200_BOOT_SIZE, (uint32_t)size);
	core_write32(port, SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO);
	ret = boot_wait(port, timeout_ms, result);
	if (ret == -ETIMEDOUT) {
		/* The ROM may still be reading: stop it before its source goes away. */
		core_write32(port, SL200_TOP_RESET, SL200_TOP_RESET_MCU);
	}
	port->ops->dma_free(port, &dma);
	return ret;
}
