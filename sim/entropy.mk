# SPDX-License-Identifier: MIT
# Entropy coding and deblocking of the encode engine's functional model.

H264_ENTROPY_SRC := $(addprefix sim/model/venc/,h264_bits.c h264_entropy.c h264_cavlc.c \
	h264_cabac.c h264_cabac_tables.c h264_cabac_mb.c h264_cabac_residual.c \
	h264_deblock.c h264_deblock_filter.c h264_deblock_simd.c)
$(eval $(call archive,h264_entropy,$(H264_ENTROPY_SRC)))
$(eval $(call unit_test,test_h264_entropy,tests/unit/test_h264_entropy.c tests/unit/h264_random.c,\
	$(h264_entropy_A),-lavcodec -lavutil -lopenh264))
$(eval $(call unit_test,test_h264_deblock,tests/unit/test_h264_deblock.c tests/unit/h264_random.c,\
	$(h264_entropy_A),-lavcodec -lavutil -lopenh264))
$(eval $(call unit_test,test_h264_bits,tests/unit/test_h264_bits.c tests/unit/h264_random.c,\
	$(h264_entropy_A),-lavcodec -lavutil -lopenh264))
