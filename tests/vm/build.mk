# SPDX-License-Identifier: MIT
# Programs that run in the virtual machine, on the kernel driver: $(BUILD)/vmtests/NAME.
# $(eval $(call vm_test,name,libs)): tests/vm/name.c, a CUnit suite of raw ioctls.
define vm_test
$(eval $(call program,$(1),tests/vm/$(1).c tests/vm/drm_client.c tests/suite.c driver/core/ring.c,,\
	$(2) -ldrm -lcunit,vmtests))
VM_TESTS += $(BUILD)/vmtests/$(1)
CFLAGS_tests/vm/$(1).c := -I/usr/include/libdrm
endef

CFLAGS_tests/vm/drm_client.c := -I/usr/include/libdrm
VM_TESTS :=
$(eval $(call program,recover,tests/vm/recover.c,$(LIBSL_SO),,vmtests))
VM_TESTS += $(BUILD)/vmtests/recover
$(eval $(call vm_test,test_drm_args))
$(eval $(call vm_test,test_drm_bo))
$(eval $(call vm_test,test_drm_prime))
$(eval $(call vm_test,test_drm_mmap))
$(eval $(call vm_test,test_drm_queue))

vm-tests: $(VM_TESTS)
.PHONY: vm-tests
