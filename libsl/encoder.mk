# SPDX-License-Identifier: MIT
# Encoder sessions, rate control and H.264 headers; libsl/build.mk links LIBSL_ENCODER_SRCS.
LIBSL_ENCODER_SRCS := \
	libsl/encoder.c \
	libsl/encoder_h264.c \
	libsl/encoder_params.c \
	libsl/encoder_picture.c \
	libsl/h264_headers.c \
	libsl/h264_headers_sei.c \
	libsl/h264_headers_slice.c \
	libsl/h264_level.c \
	libsl/rate_control.c \
	libsl/rc_model.c \
	libsl/rc_target.c

RATE_CONTROL_SRCS := libsl/rate_control.c libsl/rc_model.c libsl/rc_target.c libsl/error.c
H264_HEADERS_SRCS := $(filter libsl/h264_%,$(LIBSL_ENCODER_SRCS)) libsl/error.c

$(eval $(call unit_test,test_rate_control,tests/unit/test_rate_control.c $(RATE_CONTROL_SRCS),,-lm))
$(eval $(call unit_test,test_h264_headers,tests/unit/test_h264_headers.c $(H264_HEADERS_SRCS),,\
	-lavcodec -lavutil))

ENCODER_STACK_TESTS := test_stack_encoder test_stack_rate
$(foreach t,$(ENCODER_STACK_TESTS),$(eval $(call unit_test,$(t),\
	tests/stack/$(t).c tests/stack/encode.c tests/stack/stack.c,$(LIBSL_SO),\
	-lavcodec -lavutil -lm)))
$(foreach t,$(ENCODER_STACK_TESTS),$(eval $(BUILD)/tests/$(t): | \
	$(BUILD)/lib/sl200/libslcard.so $(BUILD)/firmware/sl200.fw))
