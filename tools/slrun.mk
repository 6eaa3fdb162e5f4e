# SPDX-License-Identifier: MIT
$(eval $(call program,slrun,tools/slrun.c tools/slrun_namespace.c))
$(eval $(call shared,sl200/libslrun.so,tools/slrun_preload.c,,-ldl))
# stat() and its like are null-checked nowhere else; libc's declarations say nonnull.
CFLAGS_tools/slrun_preload.c := $(if $(findstring clang,$(CC)),,-Wno-nonnull-compare)
