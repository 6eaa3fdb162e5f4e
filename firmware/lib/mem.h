/* SPDX-License-Identifier: MIT */
/*
 * memcpy(), memset() and memcmp() for hosted and freestanding builds; hal/riscv/mem.c has the
 * freestanding ones.
 */
#ifndef FW_LIB_MEM_H
#define FW_LIB_MEM_H

#include <stddef.h>
#include <stdint.h>

#if __STDC_HOSTED__
#include <string.h>
#else
void *memcpy(void *dst, const void *src, size_t len);
void *memset(void *dst, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);
#endif

#endif
