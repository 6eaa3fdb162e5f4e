# SPDX-License-Identifier: MIT
$(eval $(call fuzz_target,fuzz_uri,tests/fuzz/fuzz_uri.c libsl/sim_uri.c libsl/error.c,,-lm))
