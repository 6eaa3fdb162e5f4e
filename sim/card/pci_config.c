/* SPDX-License-Identifier: MIT */
/* Register names are those of the PCI Express Base Specification 4.0, chapter 7. */
#include "sim/card/pci_config.h"

#include <string.h>

#include <linux/pci_regs.h>

#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "sim/card/card.h"
#include "sim/model/chip.h"

#define VENDOR_ID 0x1024u
#define DEVICE_ID 0x0101u
#define SUBSYSTEM_ID 0x0201u	   /* SL200-NP */
#define CLASS_REVISION 0x04800001u /* multimedia, other; revision 1 */

#define CAP_PM 0x40u
#define CAP_MSIX 0x50u
#define CAP_EXP 0x60u
#define EXT_AER 0x100u
#define EXT_DSN 0x150u

#define AER_SIZE 0x48u
#define MSIX_BIR 0u

static void put16(uint8_t *bytes, unsigned int offset, uint16_t value)
{
	bytes[offset] = (uint8_t)value;
	bytes[offset + 1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *bytes, unsigned int offset, uint32_t value)
{
	put16(bytes, offset, (uint16_t)value);
	put16(bytes, offset + 2, (uint16_t)(value >> 16));
}

static uint16_t get16(const uint8_t *bytes, unsigned int offset)
{
	return (uint16_t)(bytes[offset] | bytes[offset + 1] << 8);
}

/* A 64-bit memory BAR: the address bits above its size can be written, which is how it is sized. */
static void put_bar(struct pci_config *c, unsigned int bar, uint64_t size, uint32_t flags)
{
	unsigned int offset = PCI_BASE_ADDRESS_0 + 4 * bar;
	uint64_t mask = ~(size - 1);

	put32(c->value, offset, PCI_BASE_ADDRESS_MEM_TYPE_64 | flags);
	put32(c->writable, offset, (uint32_t)mask);
	put32(c->writable, offset + 4, (uint32_t)(mask >> 32));
}

static void init_header(struct pci_config *c)
{
	put16(c->value, PCI_VENDOR_ID, VENDOR_ID);
	put16(c->value, PCI_DEVICE_ID, DEVICE_ID);
	put16(c->writable, PCI_COMMAND,
	      PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
		      PCI_COMMAND_INTX_DISABLE);
	put16(c->value, PCI_STATUS, PCI_STATUS_CAP_LIST);
	put16(c->clearable, PCI_STATUS,
	      PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT | PCI_STATUS_REC_TARGET_ABORT |
		      PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_SIG_SYSTEM_ERROR |
		      PCI_STATUS_DETECTED_PARITY);
	put32(c->value, PCI_CLASS_REVISION, CLASS_REVISION);
	c->writable[PCI_CACHE_LINE_SIZE] = 0xff;
	put_bar(c, 0, CHIP_BAR0_SIZE, 0);
	put_bar(c, 2, (uint64_t)SL200_MAX_QUEUES * SL200_DOORBELL_STRIDE, 0);
	put_bar(c, 4, CHIP_BAR4_SIZE, PCI_BASE_ADDRESS_MEM_PREFETCH);
	put16(c->value, PCI_SUBSYSTEM_VENDOR_ID, VENDOR_ID);
	put16(c->value, PCI_SUBSYSTEM_ID, SUBSYSTEM_ID);
	c->value[PCI_CAPABILITY_LIST] = CAP_PM;
	c->writable[PCI_INTERRUPT_LINE] = 0xff;
}

static void init_pm(struct pci_config *c)
{
	c->value[CAP_PM] = PCI_CAP_ID_PM;
	c->value[CAP_PM + PCI_CAP_LIST_NEXT] = CAP_MSIX;
	put16(c->value, CAP_PM + PCI_PM_PMC, 3); /* version 1.2 */
	put16(c->value, CAP_PM + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET);
	put16(c->writable, CAP_PM + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
}

static void init_msix(struct pci_config *c)
{
	c->value[CAP_MSIX] = PCI_CAP_ID_MSIX;
	c->value[CAP_MSIX + PCI_CAP_LIST_NEXT] = CAP_EXP;
	put16(c->value, CAP_MSIX + PCI_MSIX_FLAGS, CARD_NUM_VECTORS - 1);
	put16(c->writable, CAP_MSIX + PCI_MSIX_FLAGS,
	      PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	put32(c->value, CAP_MSIX + PCI_MSIX_TABLE, SL200_MSIX_TABLE_BASE | MSIX_BIR);
	put32(c->value, CAP_MSIX + PCI_MSIX_PBA, SL200_MSIX_PBA_BASE | MSIX_BIR);
}

/* An endpoint on a x8 link at 16 GT/s. */
static void init_express(struct pci_config *c)
{
	c->value[CAP_EXP] = PCI_CAP_ID_EXP;
	put16(c->value, CAP_EXP + PCI_EXP_FLAGS, 2 | PCI_EXP_TYPE_ENDPOINT << 4);
	put32(c->value, CAP_EXP + PCI_EXP_DEVCAP,
	      1u /* payload of 256 bytes */ | PCI_EXP_DEVCAP_EXT_TAG | PCI_EXP_DEVCAP_RBER |
		      PCI_EXP_DEVCAP_FLR);
	put16(c->value, CAP_EXP + PCI_EXP_DEVCTL,
	      PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ_512B);
	put16(c->writable, CAP_EXP + PCI_EXP_DEVCTL,
	      PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE |
		      PCI_EXP_DEVCTL_URRE | PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD |
		      PCI_EXP_DEVCTL_EXT_TAG | PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ);
	put16(c->clearable, CAP_EXP + PCI_EXP_DEVSTA,
	      PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED | PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD);
	put32(c->value, CAP_EXP + PCI_EXP_LNKCAP, PCI_EXP_LNKCAP_SLS_16_0GB | 8u << 4 /* width */);
	put16(c->writable, CAP_EXP + PCI_EXP_LNKCTL,
	      PCI_EXP_LNKCTL_RCB | PCI_EXP_LNKCTL_CCC | PCI_EXP_LNKCTL_ES);
	put16(c->value, CAP_EXP + PCI_EXP_LNKSTA,
	      PCI_EXP_LNKSTA_CLS_16_0GB | 8u << PCI_EXP_LNKSTA_NLW_SHIFT);
	put32(c->value, CAP_EXP + PCI_EXP_DEVCAP2, PCI_EXP_DEVCAP2_COMP_TMOUT_DIS);
	put16(c->writable, CAP_EXP + PCI_EXP_DEVCTL2, PCI_EXP_DEVCTL2_COMP_TMOUT_DIS);
	put32(c->value, CAP_EXP + PCI_EXP_LNKCAP2,
	      PCI_EXP_LNKCAP2_SLS_2_5GB | PCI_EXP_LNKCAP2_SLS_5_0GB | PCI_EXP_LNKCAP2_SLS_8_0GB |
		      PCI_EXP_LNKCAP2_SLS_16_0GB);
	put16(c->value, CAP_EXP + PCI_EXP_LNKCTL2, PCI_EXP_LNKCTL2_TLS_16_0GT);
	put16(c->writable, CAP_EXP + PCI_EXP_LNKCTL2, PCI_EXP_LNKCTL2_TLS);
}

static uint32_t ext_header(uint16_t id, unsigned int version, unsigned int next)
{
	return id | version << 16 | next << 20;
}

static void init_extended(struct pci_config *c, uint64_t serial)
{
	const uint32_t errors = PCI_ERR_UNC_DLP | PCI_ERR_UNC_POISON_TLP | PCI_ERR_UNC_FCP |
				PCI_ERR_UNC_COMP_TIME | PCI_ERR_UNC_COMP_ABORT |
				PCI_ERR_UNC_UNX_COMP | PCI_ERR_UNC_RX_OVER | PCI_ERR_UNC_MALF_TLP |
				PCI_ERR_UNC_UNSUP;
	const uint32_t corrected = PCI_ERR_COR_RCVR | PCI_ERR_COR_BAD_TLP | PCI_ERR_COR_BAD_DLLP |
				   PCI_ERR_COR_REP_ROLL | PCI_ERR_COR_REP_TIMER |
				   PCI_ERR_COR_ADV_NFAT;

	put32(c->value, EXT_AER, ext_header(PCI_EXT_CAP_ID_ERR, 2, EXT_DSN));
	put32(c->clearable, EXT_AER + PCI_ERR_UNCOR_STATUS, errors);
	put32(c->writable, EXT_AER + PCI_ERR_UNCOR_MASK, errors);
	put32(c->value, EXT_AER + PCI_ERR_UNCOR_SEVER,
	      PCI_ERR_UNC_DLP | PCI_ERR_UNC_FCP | PCI_ERR_UNC_RX_OVER | PCI_ERR_UNC_MALF_TLP);
	put32(c->writable, EXT_AER + PCI_ERR_UNCOR_SEVER, errors);
	put32(c->clearable, EXT_AER + PCI_ERR_COR_STATUS, corrected);
	put32(c->value, EXT_AER + PCI_ERR_COR_MASK, PCI_ERR_COR_ADV_NFAT);
	put32(c->writable, EXT_AER + PCI_ERR_COR_MASK, corrected);

	put32(c->value, EXT_DSN, ext_header(PCI_EXT_CAP_ID_DSN, 1, 0));
	put32(c->value, EXT_DSN + 4, (uint32_t)serial);
	put32(c->value, EXT_DSN + 8, (uint32_t)(serial >> 32));
}

void pci_config_init(struct pci_config *config, uint64_t serial)
{
	memset(config, 0, sizeof(*config));
	init_header(config);
	init_pm(config);
	init_msix(config);
	init_express(config);
	init_extended(config, serial);
}

void pci_config_flr(struct pci_config *config)
{
	uint8_t sticky[AER_SIZE];
	uint64_t serial = 0;

	memcpy(sticky, &config->value[EXT_AER], sizeof(sticky));
	memcpy(&serial, &config->value[EXT_DSN + 4], sizeof(serial));
	pci_config_init(config, serial);
	memcpy(&config->value[EXT_AER], sticky, sizeof(sticky));
}

uint32_t pci_config_read(const struct pci_config *config, unsigned int offset, unsigned int size)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint32_t)config->value[offset + i] << (8 * i);
	return value;
}

static bool covers(unsigned int offset, unsigned int size, unsigned int byte)
{
	return byte >= offset && byte < offset + size;
}

bool pci_config_write(struct pci_config *config, unsigned int offset, unsigned int size,
		      uint32_t value)
{
	const unsigned int flr_byte = CAP_EXP + PCI_EXP_DEVCTL + 1, pm_byte = CAP_PM + PCI_PM_CTRL;
	uint8_t pm = config->value[pm_byte];

	for (unsigned int i = 0; i < size; i++) {
		unsigned int at = offset + i;
		uint8_t byte = (uint8_t)(value >> (8 * i));

		config->value[at] = (uint8_t)((config->value[at] & ~config->writable[at]) |
					      (byte & config->writable[at]));
		config->value[at] &= (uint8_t) ~(byte & config->clearable[at]);
	}
	/* D1 and D2 are not supported: a write of them has no effect. */
	if ((config->value[pm_byte] & PCI_PM_CTRL_STATE_MASK) % 3)
		config->value[pm_byte] = pm;
	return covers(offset, size, flr_byte) &&
	       value >> (8 * (flr_byte - offset)) & PCI_EXP_DEVCTL_BCR_FLR >> 8;
}

void pci_config_control(const struct pci_config *config, struct pci_control *control)
{
	uint16_t command = get16(config->value, PCI_COMMAND);
	uint16_t msix = get16(config->value, CAP_MSIX + PCI_MSIX_FLAGS);
	bool d0 = !(config->value[CAP_PM + PCI_PM_CTRL] & PCI_PM_CTRL_STATE_MASK);

	control->memory = d0 && command & PCI_COMMAND_MEMORY;
	control->bus_master = d0 && command & PCI_COMMAND_MASTER;
	control->msix_enable = msix & PCI_MSIX_FLAGS_ENABLE;
	control->msix_function_mask = msix & PCI_MSIX_FLAGS_MASKALL;
}
