# SPDX-License-Identifier: MIT
# The VA-API backend: one module that libva loads, exporting its init function alone.
VA_SRCS := $(wildcard va-backend/*.c)
VA_DRIVER := $(BUILD)/lib/dri/sl200_drv_video.so
LIBRARIES += $(VA_DRIVER)

$(VA_DRIVER): $(call objs,$(VA_SRCS)) $(LIBSL_SO)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) -shared -o $@ $^ $(LDFLAGS) -Wl,-rpath,'$$ORIGIN/..' -ldrm

CFLAGS_va-backend := $(LIBDRM_CFLAGS)

$(eval $(call unit_test,test_va_packed_header,\
	tests/unit/test_va_packed_header.c va-backend/packed_header.c))
$(eval $(call unit_test,test_va_qp_map,tests/unit/test_va_qp_map.c va-backend/qp_map.c))
$(eval $(call unit_test,test_va_objects,tests/unit/test_va_objects.c va-backend/object.c))
$(eval $(call unit_test,test_va_h264_syntax,\
	tests/unit/test_va_h264_syntax.c va-backend/h264_syntax.c,$(LIBSL_SO)))

# Clients of libva. They load the driver of their own tree.
$(eval $(call unit_test,test_va_api,\
	tests/stack/test_va_api.c tests/stack/test_va_client.c,,-lva))
$(eval $(call unit_test,test_va_encode,\
	tests/stack/test_va_encode.c tests/stack/test_va_client.c,,-lva -lavcodec -lavutil))
$(eval $(call unit_test,test_va_lost,\
	tests/stack/test_va_lost.c tests/stack/test_va_client.c,$(LIBSL_SO),-lva))
$(BUILD)/tests/test_va_api $(BUILD)/tests/test_va_encode $(BUILD)/tests/test_va_lost: \
	| $(VA_DRIVER) $(LIBSLCARD) $(BUILD)/firmware/sl200.fw
