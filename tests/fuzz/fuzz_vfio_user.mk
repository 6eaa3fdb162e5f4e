# SPDX-License-Identifier: MIT
$(eval $(call fuzz_target,fuzz_vfio_user,tests/fuzz/fuzz_vfio_user.c,$(vfio_user_A),-ljansson))
