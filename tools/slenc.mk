# SPDX-License-Identifier: MIT
SLENC_SRCS := tools/slenc.c tools/slenc_input.c tools/slenc_options.c tools/slenc_output.c \
	tools/slenc_recon.c tools/slenc_report.c
$(eval $(call program,slenc,$(SLENC_SRCS),$(LIBSL_SO),\
	-lavformat -lavcodec -lswscale -lavutil -ljansson -lm))
