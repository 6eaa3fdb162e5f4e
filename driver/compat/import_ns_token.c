// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A namespace of symbols is imported by its bare name; later by a string. */
#include <linux/module.h>

#ifdef PROBE
MODULE_IMPORT_NS(DMA_BUF);
#else
MODULE_IMPORT_NS("DMA_BUF");
#endif
