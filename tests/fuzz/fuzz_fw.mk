# SPDX-License-Identifier: MIT
$(eval $(call fuzz_target,fuzz_fw_desc,tests/fuzz/fuzz_fw_desc.c $(FW_TEST_DESC) \
	firmware/fw/validate.c firmware/fw/validate_h264.c))
$(eval $(call fuzz_target,fuzz_fw_ring,tests/fuzz/fuzz_fw_ring.c $(FW_TEST_FAKE) $(FW_TEST_DESC),$(firmware_native_A)))

# Seeds are committed; this writes them again: $(BUILD)/tools/seed_fw tests/fuzz/corpus
$(eval $(call program,seed_fw,tests/fuzz/fuzz_fw_seed.c $(FW_TEST_DESC),,,tools))
