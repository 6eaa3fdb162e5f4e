// SPDX-License-Identifier: MIT
#include "sim/rtl/harness/rtl_trace.h"

#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "Vsl200_chip.h"
#include "verilated_fst_c.h"

static const int LEVELS = 99; /* all of the hierarchy */

struct rtl_trace {
	VerilatedFstC file;
	std::string name;
	uint64_t from, to, cycle = 0;
	bool open = false;
};

struct rtl_trace *rtl_trace_create(Vsl200_chip *top)
{
	static std::atomic<unsigned int> chips;
	const char *window = std::getenv("SL_RTL_WAVES");
	uint64_t from, to;
	int used = 0;

	if (!window)
		return nullptr;
	if (std::sscanf(window, "%" SCNu64 ":%" SCNu64 "%n", &from, &to, &used) != 2 ||
	    from >= to || (window[used] && window[used] != ':')) {
		std::fprintf(stderr, "sl200 rtl: SL_RTL_WAVES=%s is not FROM:TO[:FILE]\n", window);
		return nullptr;
	}

	struct rtl_trace *trace = new struct rtl_trace;
	unsigned int number = chips++;

	trace->name = window[used] && window[used + 1] ? window + used + 1 : "sl200.fst";
	if (number)
		trace->name += "." + std::to_string(number);
	trace->from = from;
	trace->to = to;
	top->trace(&trace->file, LEVELS);
	return trace;
}

void rtl_trace_destroy(struct rtl_trace *trace)
{
	if (trace && trace->open)
		trace->file.close();
	delete trace;
}

void rtl_trace_dump(struct rtl_trace *trace, bool high)
{
	if (!trace)
		return;
	if (trace->cycle >= trace->from && trace->cycle < trace->to) {
		if (!trace->open) {
			trace->file.open(trace->name.c_str());
			trace->open = true;
		}
		/* In half cycles: the edge of cycle n is at 2n + 1. */
		trace->file.dump(2 * trace->cycle + high);
	} else if (trace->open) {
		/* Whole on disk as soon as the window is over, whatever becomes of the process. */
		trace->file.close();
		trace->open = false;
	}
	trace->cycle += high;
}
