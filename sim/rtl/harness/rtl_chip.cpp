// SPDX-License-Identifier: MIT
#include "sim/rtl/harness/rtl_chip.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "Vsl200_chip.h"
#include "verilated.h"
#ifdef RTL_COVERAGE
#include "verilated_cov.h"
#endif
#ifdef RTL_TRACE
#include "sim/rtl/harness/rtl_trace.h"
#endif

/* Of port_req_t: { addr, len, id }. */
static const unsigned int ID_BITS = 10, LEN_BITS = 9, ADDR_BITS = 64;
static const unsigned int REQUEST_BITS = ID_BITS + LEN_BITS + ADDR_BITS;
static const unsigned int RESPONSE_BITS = 2;
static const unsigned int WORD_BITS = 32;
static const unsigned int BEAT_WORDS = RTL_BEAT_BYTES / 4;

struct rtl_chip {
	VerilatedContext context;
	std::unique_ptr<Vsl200_chip> top;
#ifdef RTL_TRACE
	struct rtl_trace *trace = nullptr;
#endif
};

/* Up to 64 bits from bit on of a port that is wider than a machine word. */
static uint64_t bits(const WData *words, unsigned int bit, unsigned int count)
{
	uint64_t value = 0;

	for (unsigned int got = 0; got < count;) {
		unsigned int shift = (bit + got) % WORD_BITS;

		value |= (uint64_t)(words[(bit + got) / WORD_BITS] >> shift) << got;
		got += WORD_BITS - shift;
	}
	return count < 64 ? value & ((1ull << count) - 1) : value;
}

static void get_request(struct rtl_request *request, const WData *words, unsigned int port)
{
	unsigned int bit = port * REQUEST_BITS;

	request->id = (uint16_t)bits(words, bit, ID_BITS);
	request->len = (uint16_t)bits(words, bit + ID_BITS, LEN_BITS);
	request->addr = bits(words, bit + ID_BITS + LEN_BITS, ADDR_BITS);
}

static void set_ports(Vsl200_chip *top, const struct rtl_to_chip *to)
{
	unsigned int ar_ready = 0, aw_ready = 0, w_ready = 0, r_valid = 0, r_last = 0, b_valid = 0;
	unsigned int r_resp = 0, b_resp = 0, r_id = 0, b_id = 0;

	for (unsigned int i = 0; i < RTL_PORTS; i++, to++) {
		ar_ready |= (unsigned int)to->ar_ready << i;
		aw_ready |= (unsigned int)to->aw_ready << i;
		w_ready |= (unsigned int)to->w_ready << i;
		b_valid |= (unsigned int)to->b_valid << i;
		b_resp |= (unsigned int)to->b_resp << (i * RESPONSE_BITS);
		b_id |= (unsigned int)to->b_id << (i * ID_BITS);
		if (!to->r_valid)
			continue;
		r_valid |= 1u << i;
		r_last |= (unsigned int)to->r_last << i;
		r_resp |= (unsigned int)to->r_resp << (i * RESPONSE_BITS);
		r_id |= (unsigned int)to->r_id << (i * ID_BITS);
		std::memcpy(&top->r_data_i[i * BEAT_WORDS], to->r_data, RTL_BEAT_BYTES);
	}
	top->ar_ready_i = ar_ready;
	top->aw_ready_i = aw_ready;
	top->w_ready_i = w_ready;
	top->r_valid_i = r_valid;
	top->r_last_i = r_last;
	top->r_resp_i = r_resp;
	top->r_id_i = r_id;
	top->b_valid_i = b_valid;
	top->b_resp_i = b_resp;
	top->b_id_i = b_id;
}

static void get_ports(const Vsl200_chip *top, struct rtl_from_chip *from)
{
	for (unsigned int i = 0; i < RTL_PORTS; i++, from++) {
		from->ar_valid = top->ar_valid_o >> i & 1;
		from->aw_valid = top->aw_valid_o >> i & 1;
		from->w_valid = top->w_valid_o >> i & 1;
		from->r_ready = top->r_ready_o >> i & 1;
		from->b_ready = top->b_ready_o >> i & 1;
		if (from->ar_valid)
			get_request(&from->ar, top->ar_o, i);
		if (from->aw_valid)
			get_request(&from->aw, top->aw_o, i);
		if (from->w_valid) {
			from->w_last = top->w_last_o >> i & 1;
			std::memcpy(from->w_data, &top->w_data_o[i * BEAT_WORDS], RTL_BEAT_BYTES);
		}
	}
}

static void set_inputs(Vsl200_chip *top, const struct rtl_chip_in *in)
{
	top->por_ni = in->por_n;
	top->time_i = in->time;
	top->dram_size_i = in->dram_size;
	top->serial_i = in->serial;
	std::memcpy(&top->otp_key_i[0], in->otp_key, sizeof(in->otp_key));
	top->otp_min_version_i = in->otp_min_version;
	top->temp_i = in->temp;
	top->power_i = in->power;
	top->bus_master_i = in->bus_master;
	top->msix_enable_i = in->msix_enable;
	top->msix_function_mask_i = in->msix_function_mask;
	top->msix_emulated_i = in->msix_emulated;
	top->flr_i = in->flr;
	top->host_valid_i = in->host_valid;
	top->host_write_i = in->host_write;
	top->host_bar_i = in->host_bar;
	top->host_addr_i = in->host_addr;
	top->host_size_i = in->host_size;
	top->host_wdata_i = in->host_wdata;
	set_ports(top, in->port);
}

static void get_outputs(const Vsl200_chip *top, struct rtl_chip_out *out)
{
	out->idle = top->idle_o;
	out->flr_done = top->flr_done_o;
	out->host_ready = top->host_ready_o;
	out->host_done = top->host_done_o;
	out->host_error = top->host_error_o;
	out->host_rdata = top->host_rdata_o;
	out->msix_valid = top->msix_valid_o;
	out->msix_vector = top->msix_vector_o;
	out->console_valid = top->console_valid_o;
	out->console_char = (char)top->console_char_o;
	out->sleeping = top->mcu_sleeping_o;
	out->doorbell = top->probe_doorbell_o;
	out->fetch = top->probe_read_o;
	out->written = top->probe_written_o;
	out->retire = top->probe_retire_o;
	out->mdma = top->probe_mdma_o;
	out->timer_armed = top->timer_armed_o;
	out->timer_cmp = top->timer_cmp_o;
	get_ports(top, out->port);
}

extern "C" struct rtl_chip *rtl_chip_create(const char *rom, uint64_t seed)
{
	try {
		std::string rom_argument = std::string("+rom=") + rom;
		const char *argv[] = {"sl200", rom_argument.c_str()};
		auto chip = std::make_unique<struct rtl_chip>();

		chip->context.commandArgs(2, argv);
		chip->context.randReset(2);
		chip->context.randSeed((int)(seed & 0x7fffffff));
#ifdef RTL_TRACE
		chip->context.traceEverOn(true);
#endif
		chip->top = std::make_unique<Vsl200_chip>(&chip->context);
#ifdef RTL_TRACE
		chip->trace = rtl_trace_create(chip->top.get());
#endif
		return chip.release();
	} catch (const std::bad_alloc &) {
		return nullptr;
	}
}

extern "C" void rtl_chip_destroy(struct rtl_chip *chip)
{
#ifdef RTL_TRACE
	rtl_trace_destroy(chip->trace);
#endif
	chip->top->final();
#ifdef RTL_COVERAGE
	if (const char *file = std::getenv("SL_RTL_COVERAGE"))
		chip->context.coveragep()->write(file);
#endif
	delete chip;
}

extern "C" void rtl_chip_settle(struct rtl_chip *chip, const struct rtl_chip_in *in,
				struct rtl_chip_out *out)
{
	chip->top->clk_i = 0;
	set_inputs(chip->top.get(), in);
	chip->top->eval();
	get_outputs(chip->top.get(), out);
}

extern "C" void rtl_chip_edge(struct rtl_chip *chip)
{
#ifdef RTL_TRACE
	rtl_trace_dump(chip->trace, false);
#endif
	chip->top->clk_i = 1;
	chip->top->eval();
#ifdef RTL_TRACE
	rtl_trace_dump(chip->trace, true);
#endif
}
