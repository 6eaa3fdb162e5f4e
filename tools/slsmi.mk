# SPDX-License-Identifier: MIT
$(eval $(call program,slsmi,tools/slsmi.c,$(LIBSL_SO),-ljansson))
