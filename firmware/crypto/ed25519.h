/* SPDX-License-Identifier: MIT */
/* Ed25519 signature verification (RFC 8032 5.1.7). Portable, freestanding, reentrant. */
#ifndef FW_ED25519_H
#define FW_ED25519_H

#include <stddef.h>
#include <stdint.h>

#define ED25519_KEY_SIZE 32u
#define ED25519_SIGNATURE_SIZE 64u

/*
 * Verify a signature over msg. Returns 0 when it is good, -1 when not. Refused besides wrong
 * signatures: S outside 0..L-1, encodings of points that are not canonical or not on the curve, and
 * a public key or an R of small order. Time depends on the input: nothing here is secret.
 */
int ed25519_verify(const uint8_t signature[ED25519_SIGNATURE_SIZE], const void *msg, size_t len,
		   const uint8_t public_key[ED25519_KEY_SIZE]);

#endif
