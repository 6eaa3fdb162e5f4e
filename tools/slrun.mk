# SPDX-License-Identifier: MIT
$(eval $(call program,slrun,tools/slrun.c tools/slrun_namespace.c))
$(eval $(call shared,sl200/libslrun.so,tools/slrun_preload.c,,-ldl))
