// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Whether file offsets are unsigned is a flag of the file operations. */
#include <linux/fs.h>

#ifdef PROBE
const struct file_operations probe = { .fop_flags = FOP_UNSIGNED_OFFSET };
#else
const struct file_operations probe = { .owner = NULL };
#endif
