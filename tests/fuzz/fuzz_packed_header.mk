# SPDX-License-Identifier: MIT
$(eval $(call fuzz_target,fuzz_packed_header,tests/fuzz/fuzz_packed_header.c va-backend/packed_header.c))
