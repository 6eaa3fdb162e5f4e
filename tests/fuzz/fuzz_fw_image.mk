# SPDX-License-Identifier: MIT
$(eval $(call fuzz_target,fuzz_fw_image,tests/fuzz/fuzz_fw_image.c $(FW_TEST_FAKE),\
	$(firmware_native_A),-lsodium))

# Arithmetic modulo 2^255 - 19 offers no comparisons worth following.
ifneq ($(findstring fuzzer,$(SAN)),)
CFLAGS_firmware/crypto += -fno-sanitize-coverage=trace-cmp
endif
