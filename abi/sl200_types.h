/* SPDX-License-Identifier: MIT */
/*
 * Integer types for the headers in abi/, which are compiled by the kernel, by hosted C, by the
 * freestanding RV32 firmware and by bindgen-like tools. All multi-byte fields of the ABI are
 * little-endian; every supported host is.
 */
#ifndef SL200_TYPES_H
#define SL200_TYPES_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/types.h>
#include <linux/stddef.h>
#else
#include <stddef.h>
#include <stdint.h>
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the SL200 ABI is little-endian and is not byte-swapped anywhere"
#endif

/* Layout assertions: an ABI struct has exactly this size, a field exactly this offset. */
#ifdef __cplusplus
#define _Static_assert static_assert
#endif
#define SL200_ASSERT_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " size")
#define SL200_ASSERT_OFFSET(type, field, off) \
	_Static_assert(offsetof(type, field) == (off), #type "." #field " offset")

#endif
