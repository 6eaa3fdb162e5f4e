# SPDX-License-Identifier: MIT
-include libsl/encoder.mk

LIBSL_QUEUE_SRCS := libsl/queue.c libsl/queue_callback.c libsl/queue_collect.c libsl/queue_h264.c \
	libsl/queue_submit.c libsl/status.c
LIBSL_SIM_SRCS := libsl/range.c libsl/sim_bo.c libsl/sim_clear.c libsl/sim_client.c \
	libsl/sim_firmware.c libsl/sim_local.c libsl/sim_monitor.c libsl/sim_port.c libsl/sim_power.c \
	libsl/sim_queue.c libsl/sim_remote.c libsl/sim_remote_irq.c libsl/sim_remote_link.c \
	libsl/sim_remote_memory.c libsl/sim_remote_open.c libsl/sim_uri.c libsl/transport_sim.c
LIBSL_DRM_SRCS := libsl/drm_bo.c libsl/drm_call.c libsl/drm_client.c libsl/drm_find.c libsl/drm_inject.c \
	libsl/drm_query.c libsl/drm_queue.c libsl/transport_drm.c
LIBSL_SRCS := libsl/buffer.c libsl/device.c libsl/error.c libsl/stats_file.c libsl/surface.c \
	libsl/transport.c $(LIBSL_QUEUE_SRCS) $(LIBSL_SIM_SRCS) $(LIBSL_DRM_SRCS) \
	$(LIBSL_ENCODER_SRCS)

# drm.h, which the interface of the kernel driver includes, is in a folder of libdrm's own.
LIBDRM_CFLAGS := $(shell pkg-config --cflags libdrm 2>/dev/null)
CFLAGS_libsl := $(LIBDRM_CFLAGS)

LIBSL_LIBS := -ljansson -ldrm -lm -ldl
LIBSL_LDFLAGS := -Wl,-soname,libsl.so.0 $(LIBSL_LIBS)
$(eval $(call shared,libsl.so.0,$(LIBSL_SRCS),$(core_A),$(LIBSL_LDFLAGS)))

# For linking with -lsl against a build tree.
$(BUILD)/lib/libsl.so: $(LIBSL_SO)
	@ln -sf libsl.so.0 $@
LIBRARIES += $(BUILD)/lib/libsl.so

$(eval $(call program,encode_one,libsl/examples/encode_one.c,$(LIBSL_SO),,examples))
LIBSL_EXAMPLES := $(BUILD)/examples/encode_one
all: $(LIBSL_EXAMPLES)

# Through the public interface alone, on the card that SL_DEVICE names.
STACK_TESTS := device memory queue fault h264 remote crc
$(foreach t,$(STACK_TESTS),$(eval $(call unit_test,test_stack_$(t),\
	tests/stack/test_stack_$(t).c tests/stack/stack.c,$(LIBSL_SO),-ljansson -ldl)))
# They need the card, and the firmware it boots.
$(foreach t,$(STACK_TESTS),$(eval $(BUILD)/tests/test_stack_$(t): | $(BUILD)/lib/sl200/libslcard.so \
	$(BUILD)/firmware/sl200.fw))
# It starts cards of its own.
$(BUILD)/tests/test_stack_remote: | $(BUILD)/bin/slcard

$(eval $(call unit_test,test_libsl_range,tests/unit/test_libsl_range.c libsl/range.c libsl/error.c))
$(eval $(call unit_test,test_libsl_uri,tests/unit/test_libsl_uri.c libsl/sim_uri.c libsl/error.c,,-lm))
$(eval $(call unit_test,test_libsl_remote,tests/unit/test_libsl_remote.c libsl/sim_remote.c \
	libsl/sim_remote_irq.c libsl/sim_remote_link.c libsl/sim_remote_memory.c libsl/sim_remote_open.c \
	libsl/error.c,,-ljansson))
$(eval $(call unit_test,test_libsl_queue,tests/unit/test_libsl_queue.c $(LIBSL_SRCS),$(core_A),\
	$(LIBSL_LIBS)))

CFLAGS_tests/unit/test_libsl_drm.c := $(LIBDRM_CFLAGS)
$(eval $(call unit_test,test_libsl_drm,tests/unit/test_libsl_drm.c $(LIBSL_SRCS),$(core_A),\
	$(LIBSL_LIBS)))
