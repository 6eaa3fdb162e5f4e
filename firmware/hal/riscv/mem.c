// SPDX-License-Identifier: MIT
/* Memory functions of the freestanding build; the compiler calls them, too. */
#include "firmware/lib/mem.h"

#define WORD 4u
#define UNALIGNED(a, b) (((uintptr_t)(a) | (uintptr_t)(b)) & (WORD - 1))

/* An access by words to memory of any type. */
typedef uint32_t __attribute__((may_alias)) word_t;

void *memcpy(void *dst, const void *src, size_t len)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	if (!UNALIGNED(d, s)) {
		for (; len >= WORD; len -= WORD, d += WORD, s += WORD)
			*(word_t *)d = *(const word_t *)s;
	}
	while (len--)
		*d++ = *s++;
	return dst;
}

void *memset(void *dst, int value, size_t len)
{
	uint8_t *d = dst;

	if (!UNALIGNED(d, 0)) {
		word_t word = (uint8_t)value * 0x01010101u;

		for (; len >= WORD; len -= WORD, d += WORD)
			*(word_t *)d = word;
	}
	while (len--)
		*d++ = (uint8_t)value;
	return dst;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a;
	const uint8_t *y = b;

	for (; len; len--, x++, y++)
		if (*x != *y)
			return *x < *y ? -1 : 1;
	return 0;
}
