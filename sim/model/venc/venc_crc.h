/* SPDX-License-Identifier: MIT */
/*
 * CRC-32C (Castagnoli, reflected, initial value and final inversion ~0) as job results carry it.
 */
#ifndef VENC_CRC_H
#define VENC_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Continue a checksum over more bytes; start with crc = 0. Thread-safe. */
uint32_t venc_crc32c(uint32_t crc, const void *data, size_t len);
/* The plain form, whatever the CPU offers. */
uint32_t venc_crc32c_plain(uint32_t crc, const void *data, size_t len);

#endif
