/* SPDX-License-Identifier: MIT */
/* The cards of slcard come from a shared object, chosen at run time. */
#ifndef SLCARD_LOAD_H
#define SLCARD_LOAD_H

#include "libsl/sim_uri.h"

/*
 * Load the library with cards of this kind: the functions of sim/card/card.h are its own from now
 * on. Returns 0, or -1 after a line on standard error.
 */
int slcard_load(enum sim_engine engine);

#endif
