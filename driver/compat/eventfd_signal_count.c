// SPDX-License-Identifier: GPL-2.0 OR MIT
/* eventfd_signal() takes how much to count; later it always counts one. */
#include <linux/eventfd.h>

#ifdef PROBE
void probe(struct eventfd_ctx *ctx)
{
	eventfd_signal(ctx, 1);
}
#else
void probe(struct eventfd_ctx *ctx)
{
	eventfd_signal(ctx);
}
#endif
