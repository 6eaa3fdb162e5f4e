// SPDX-License-Identifier: MIT
// Runs a block test: a clock for module `tb` until it finishes.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "Vtb.h"
#include "verilated.h"

static const uint64_t CYCLES_MAX = 50000000;

int main(int argc, char **argv)
{
	auto context = std::make_unique<VerilatedContext>();
	uint64_t cycle;

	context->commandArgs(argc, argv);
	auto tb = std::make_unique<Vtb>(context.get());
	for (cycle = 0; !context->gotFinish() && cycle < CYCLES_MAX; cycle++) {
		tb->clk_i = 1;
		tb->eval();
		context->timeInc(1);
		tb->clk_i = 0;
		tb->eval();
		context->timeInc(1);
	}
	tb->final();
	if (cycle < CYCLES_MAX)
		return EXIT_SUCCESS;
	std::printf("not ok - the test ends\n");
	return EXIT_FAILURE;
}
