# SPDX-License-Identifier: MIT
$(eval $(call fuzz_target,fuzz_job,tests/fuzz/fuzz_job.c tests/fuzz/fuzz_job_case.c \
	firmware/fw/validate.c firmware/fw/validate_h264.c,$(VENC_ARCHIVES),-lm))

# Samples are no input to take apart: without a call for every comparison the search is twice as fast.
ifneq ($(findstring fuzzer,$(SAN)),)
CFLAGS_sim/model/venc += -fno-sanitize-coverage=trace-cmp
endif
