# SPDX-License-Identifier: MIT
# The H.264 encode engine, functional model. Entropy coding and deblocking: sim/entropy.mk.

CFLAGS_sim/model/venc := -O3

VENC_SOURCES := $(addprefix sim/model/venc/, \
	venc.c venc_crc.c venc_pool.c h264_dsp.c h264_dsp_avx2.c h264_intra.c h264_macroblock.c \
	h264_me.c h264_mode.c h264_mvpred.c h264_quant.c h264_rates.c h264_ref.c h264_residual.c \
	h264_rows.c h264_tables.c)

$(eval $(call archive,venc,$(VENC_SOURCES)))
# Link both, in this order
VENC_ARCHIVES := $(venc_A) $(h264_entropy_A)

$(eval $(call program,venc_bench,tests/bench/venc_bench.c tests/unit/venc_stream.c,\
	$(VENC_ARCHIVES),-lm,bench))
$(eval $(call unit_test,test_venc_dsp,tests/unit/test_venc_dsp.c,$(VENC_ARCHIVES),))
$(eval $(call unit_test,test_venc_stream,tests/unit/test_venc_stream.c tests/unit/venc_stream.c,\
	$(VENC_ARCHIVES),-lavcodec -lavutil -lopenh264))
