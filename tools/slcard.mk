# SPDX-License-Identifier: MIT
# What cards are made of is loaded at run time, from beside an installed libsl or in a build tree. By DT_RPATH: where
# a sanitizer has its hands in dlopen(), the program's DT_RUNPATH is not the caller's.
$(eval $(call program,slcard,tools/slcard.c tools/slcard_load.c libsl/sim_uri.c libsl/error.c,\
	$(vfio_user_A),-ljansson -lm -ldl -Wl$(comma)--disable-new-dtags -Wl$(comma)-rpath$(comma)'$$$$ORIGIN/../lib/sl200' \
	-Wl$(comma)-rpath$(comma)'$$$$ORIGIN/../$$$$LIB/sl200'))
$(BUILD)/bin/slcard: | $(LIBSLCARD)
