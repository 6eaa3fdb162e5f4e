/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_chip_doubles.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/pci_regs.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "sim/model/native_fw.h"
#include "sim/model/venc/venc.h"

#define CHECK_MS 1u

atomic_int double_rom;
atomic_int double_venc_status;

static struct {
	pthread_mutex_t lock;
	pthread_cond_t done;
	void (*fn)(struct hal *hal, void *arg);
	void *arg;
	struct card *card;
} call = {.lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};

static void pause_ms(unsigned int ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

int rom_main(struct hal *hal, struct rom_boot *boot)
{
	boot->version = native_fw_version();
	if (atomic_load(&double_rom) == DOUBLE_ROM_REFUSE) {
		hal_write(hal, SL200_SYS_BOOT_STATUS, SL200_BOOT_ERR_MAGIC);
		return -1;
	}
	if (atomic_load(&double_rom) == DOUBLE_ROM_OTHER_VERSION)
		boot->version++;
	hal_write(hal, SL200_SYS_BOOT_STATUS, SL200_BOOT_HASH_OK);
	return 0;
}

void fw_main(struct hal *hal)
{
	hal_write(hal, SL200_SYS_BOOT_STATUS, SL200_BOOT_RUNNING);
	while (!hal_wait(hal)) {
		hal_write(hal, SL200_SYS_IRQ_ACK, SL200_SYS_IRQ_HOST);
		pthread_mutex_lock(&call.lock);
		if (call.fn) {
			call.fn(hal, call.arg);
			call.fn = NULL;
			pthread_cond_signal(&call.done);
		}
		pthread_mutex_unlock(&call.lock);
	}
}

void double_call(struct card *card, void (*fn)(struct hal *hal, void *arg), void *arg)
{
	pthread_mutex_lock(&call.lock);
	call.fn = fn;
	call.arg = arg;
	double_write(card, SL200_ADMIN_CTRL, 0); /* the HOST interrupt */
	while (call.fn)
		pthread_cond_wait(&call.done, &call.lock);
	pthread_mutex_unlock(&call.lock);
}

uint32_t double_read(struct card *card, uint32_t offset)
{
	uint64_t value;

	if (card_bar_read(card, 0, offset, 4, &value))
		abort();
	return (uint32_t)value;
}

uint64_t double_read64(struct card *card, uint32_t offset)
{
	uint64_t lo = double_read(card, offset);

	return lo | (uint64_t)double_read(card, offset + 4) << 32;
}

void double_write(struct card *card, uint32_t offset, uint32_t value)
{
	if (card_bar_write(card, 0, offset, 4, value))
		abort();
}

void double_boot(struct card *card)
{
	double_write(card, SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO);
	while (double_read(card, SL200_BOOT_STATUS) < SL200_BOOT_RUNNING)
		pause_ms(CHECK_MS);
}

struct card *double_card(const struct card_config *config)
{
	struct card *card;

	if (card_create(config, &card) ||
	    card_config_write(card, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER))
		abort();
	return card;
}

void double_run_dma(struct hal *hal, void *arg)
{
	struct double_dma *dma = arg;
	unsigned int n = dma->engine;
	uint8_t *tcm = hal_tcm(hal);

	memcpy(tcm, dma->sqe, sizeof(struct sl200_sqe));
	hal_write(hal, SL200_ENGINE_ASID(n), dma->asid);
	hal_write(hal, SL200_ENGINE_JOB(n), 0);
	hal_write(hal, SL200_ENGINE_RESULT(n), 256);
	hal_write(hal, SL200_ENGINE_CTRL(n), SL200_ENGINE_CTRL_START);
	while (hal_read(hal, SL200_ENGINE_STATUS(n)) != SL200_ENGINE_STATUS_DONE)
		if (hal_wait(hal))
			return;
	memcpy(dma->result, tcm + 256, sizeof(struct sl200_job_result));
	dma->fault_info = hal_read(hal, SL200_ENGINE_FAULT_INFO(n));
	dma->fault_iova = hal_read(hal, SL200_ENGINE_FAULT_IOVA_LO(n)) |
			  (uint64_t)hal_read(hal, SL200_ENGINE_FAULT_IOVA_HI(n)) << 32;
	hal_write(hal, SL200_ENGINE_CTRL(n), SL200_ENGINE_CTRL_ACK);
}

/* ------------------------------------------------------ the encode engine */

struct venc {
	unsigned int threads;
};

struct venc *venc_create(unsigned int threads)
{
	struct venc *venc = malloc(sizeof(*venc));

	if (venc)
		venc->threads = threads;
	return venc;
}

void venc_destroy(struct venc *venc)
{
	free(venc);
}

uint16_t venc_h264_run(struct venc *venc, const struct sl200_h264_enc *desc,
		       const struct sl200_h264_ref *refs, const struct sl200_h264_slice *slices,
		       struct mem_port *port, const atomic_bool *abort_job,
		       struct sl200_job_result *result)
{
	uint32_t word = desc->head.quality;
	uint16_t status = port->write(port, desc->head.bitstream_iova, &word, sizeof(word));

	result->slices = desc->num_slices;
	while (!status && atomic_load(&double_venc_status) == DOUBLE_VENC_WAIT) {
		if (atomic_load(abort_job))
			return SL200_STATUS_ABORTED;
		pause_ms(CHECK_MS);
	}
	return status ? status : (uint16_t)atomic_load(&double_venc_status);
}

const struct venc_h264_caps venc_h264_caps = {
	.flags = SL200_H264_F_CABAC,
	.max_width = 4096,
	.max_height = 2304,
	.max_refs_l0 = 3,
	.max_refs_l1 = 1,
	.max_slices = 17,
	.quality_levels = 5,
};
