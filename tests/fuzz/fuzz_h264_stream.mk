# SPDX-License-Identifier: MIT
$(eval $(call fuzz_target,fuzz_h264_stream,tests/fuzz/fuzz_h264_stream.c tests/unit/venc_stream.c,\
	$(VENC_ARCHIVES),-lavcodec -lavutil -lm))
