# SPDX-License-Identifier: MIT
# The firmware calls the chip and the chip the firmware: the archive comes twice.
$(eval $(call fuzz_target,fuzz_stack,tests/fuzz/fuzz_stack.c tests/fuzz/fuzz_job_case.c \
	tests/unit/test_card_host.c,$(sim_card_A) $(firmware_native_A) $(VENC_ARCHIVES),$(sim_card_A) -lm))
$(BUILD)/fuzz/fuzz_stack: | $(BUILD)/firmware/sl200.fw
