# SPDX-License-Identifier: MIT
# The firmware calls the chip and the chip the firmware: the archive comes twice.
$(eval $(call program,slcard,tools/slcard.c libsl/sim_uri.c libsl/error.c,$(vfio_user_A) $(sim_card_A) \
	$(firmware_native_A) $(VENC_ARCHIVES),$(sim_card_A) -ljansson -lm))
