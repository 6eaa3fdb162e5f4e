/* SPDX-License-Identifier: MIT */
/*
 * Waveforms of a window of cycles, SL_RTL_WAVES=FROM:TO[:FILE] (default sl200.fst; a second chip
 * of the process writes to FILE.1 and so on). Only in the build for it: tracing costs speed.
 */
#ifndef RTL_TRACE_H
#define RTL_TRACE_H

class Vsl200_chip;

struct rtl_trace;

/* NULL when there is nothing to write. */
struct rtl_trace *rtl_trace_create(Vsl200_chip *top);
void rtl_trace_destroy(struct rtl_trace *trace);

/* Before the edge of a cycle, and after it. */
void rtl_trace_dump(struct rtl_trace *trace, bool high);

#endif
