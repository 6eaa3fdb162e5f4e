/* SPDX-License-Identifier: MIT */
/* The stand-in for a card's device node, as slrun makes it and its preload library answers for it.
 */
#ifndef SLRUN_H
#define SLRUN_H

/* The first DRM render node: major 226, minor 128. */
#define SLRUN_NODE "/dev/dri/renderD128"
#define SLRUN_NODE_NAME "renderD128"
#define SLRUN_MAJOR 226
#define SLRUN_MINOR 128

/*
 * Enter private namespaces in which SLRUN_NODE and its entries in /sys exist. The host's files are
 * left as they are. Returns 0, or -1 with a message in error[size].
 */
int slrun_namespace(char *error, unsigned int size);

#endif
