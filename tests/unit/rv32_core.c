// SPDX-License-Identifier: MIT
#include "tests/unit/rv32_core.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/sl200_fw.h"
#include "firmware/hal/hal.h"

#define REGISTERS 0x40000000u
#define REGISTERS_SIZE 0x10000u

uint64_t rv32_retired;
uint64_t rv32_register_accesses;

struct core {
	struct hal *hal;
	uint8_t *tcm;
	uint32_t x[32];
	uint32_t pc;
	uint32_t csr[4096];
	const char *trap; /* what went wrong */
};

/* ------------------------------------------------------------------ memory */

static uint8_t *tcm_at(struct core *c, uint32_t addr, uint32_t size)
{
	uint32_t offset = addr - SL200_MCU_TCM_BASE;

	if (addr & (size - 1))
		c->trap = "misaligned access";
	else if (offset >= SL200_MCU_TCM_SIZE)
		c->trap = "access fault";
	else
		return c->tcm + offset;
	return NULL;
}

static uint32_t load(struct core *c, uint32_t addr, uint32_t size)
{
	uint32_t value = 0;
	const uint8_t *p;

	if (size == 4 && addr - REGISTERS < REGISTERS_SIZE && !(addr & 3)) {
		rv32_register_accesses++;
		return hal_read(c->hal, addr);
	}
	p = tcm_at(c, addr, size);
	if (p)
		memcpy(&value, p, size);
	return value;
}

static void store(struct core *c, uint32_t addr, uint32_t value, uint32_t size)
{
	uint8_t *p;

	if (size == 4 && addr - REGISTERS < REGISTERS_SIZE && !(addr & 3)) {
		rv32_register_accesses++;
		hal_write(c->hal, addr, value);
		return;
	}
	p = tcm_at(c, addr, size);
	if (p)
		memcpy(p, &value, size);
}

/* ------------------------------------------------- compressed instructions */

static uint32_t field(uint32_t value, unsigned int high, unsigned int low)
{
	return value >> low & ((2u << (high - low)) - 1);
}

static int32_t sign(uint32_t value, unsigned int bits)
{
	return (int32_t)(value << (32 - bits)) >> (32 - bits);
}

static uint32_t enc_i(int32_t imm, uint32_t rs1, uint32_t funct3, uint32_t rd, uint32_t op)
{
	return (uint32_t)imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | op;
}

static uint32_t enc_r(uint32_t funct7, uint32_t rs2, uint32_t rs1, uint32_t funct3, uint32_t rd)
{
	return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x33;
}

static uint32_t enc_s(uint32_t imm, uint32_t rs2, uint32_t rs1)
{
	return field(imm, 11, 5) << 25 | rs2 << 20 | rs1 << 15 | 2u << 12 | field(imm, 4, 0) << 7 |
	       0x23;
}

static uint32_t enc_b(uint32_t imm, uint32_t rs1, uint32_t funct3)
{
	return field(imm, 12, 12) << 31 | field(imm, 10, 5) << 25 | rs1 << 15 | funct3 << 12 |
	       field(imm, 4, 1) << 8 | field(imm, 11, 11) << 7 | 0x63;
}

static uint32_t enc_j(uint32_t imm, uint32_t rd)
{
	return field(imm, 20, 20) << 31 | field(imm, 10, 1) << 21 | field(imm, 11, 11) << 20 |
	       field(imm, 19, 12) << 12 | rd << 7 | 0x6f;
}

static int32_t jump_offset(uint32_t i)
{
	uint32_t imm = field(i, 12, 12) << 11 | field(i, 11, 11) << 4 | field(i, 10, 9) << 8 |
		       field(i, 8, 8) << 10 | field(i, 7, 7) << 6 | field(i, 6, 6) << 7 |
		       field(i, 5, 3) << 1 | field(i, 2, 2) << 5;

	return sign(imm, 12);
}

static int32_t branch_offset(uint32_t i)
{
	uint32_t imm = field(i, 12, 12) << 8 | field(i, 11, 10) << 3 | field(i, 6, 5) << 6 |
		       field(i, 4, 3) << 1 | field(i, 2, 2) << 5;

	return sign(imm, 9);
}

static uint32_t expand_quadrant0(uint32_t i)
{
	uint32_t rd = 8 + field(i, 4, 2), rs1 = 8 + field(i, 9, 7);
	uint32_t word = field(i, 12, 10) << 3 | field(i, 6, 6) << 2 | field(i, 5, 5) << 6;
	uint32_t wide = field(i, 12, 11) << 4 | field(i, 10, 7) << 6 | field(i, 6, 6) << 2 |
			field(i, 5, 5) << 3;

	switch (field(i, 15, 13)) {
	case 0:
		return wide ? enc_i((int32_t)wide, 2, 0, rd, 0x13) : 0;
	case 2:
		return enc_i((int32_t)word, rs1, 2, rd, 0x03);
	case 6:
		return enc_s(word, rd, rs1);
	}
	return 0;
}

static uint32_t expand_arithmetic(uint32_t i)
{
	static const uint8_t funct3[] = {0, 4, 6, 7};
	uint32_t rd = 8 + field(i, 9, 7), rs2 = 8 + field(i, 4, 2);
	uint32_t which = field(i, 6, 5), shamt = field(i, 6, 2);

	if (field(i, 12, 12) && field(i, 11, 10) != 2) /* wider shifts, and what RV64 adds */
		return 0;
	switch (field(i, 11, 10)) {
	case 0:
		return enc_i((int32_t)shamt, rd, 5, rd, 0x13);
	case 1:
		return enc_i((int32_t)(0x400 | shamt), rd, 5, rd, 0x13);
	case 2:
		return enc_i(sign(field(i, 12, 12) << 5 | shamt, 6), rd, 7, rd, 0x13);
	default:
		return enc_r(which ? 0 : 0x20, rs2, rd, funct3[which], rd);
	}
}

static uint32_t expand_quadrant1(uint32_t i)
{
	uint32_t rd = field(i, 11, 7), rs1 = 8 + field(i, 9, 7);
	int32_t imm = sign(field(i, 12, 12) << 5 | field(i, 6, 2), 6);
	int32_t sp = sign(field(i, 12, 12) << 9 | field(i, 6, 6) << 4 | field(i, 5, 5) << 6 |
				  field(i, 4, 3) << 7 | field(i, 2, 2) << 5,
			  10);

	switch (field(i, 15, 13)) {
	case 0:
		return enc_i(imm, rd, 0, rd, 0x13);
	case 1:
		return enc_j((uint32_t)jump_offset(i), 1);
	case 2:
		return enc_i(imm, 0, 0, rd, 0x13);
	case 3:
		if (rd == 2)
			return sp ? enc_i(sp, 2, 0, 2, 0x13) : 0;
		return imm ? (uint32_t)imm << 12 | rd << 7 | 0x37 : 0;
	case 4:
		return expand_arithmetic(i);
	case 5:
		return enc_j((uint32_t)jump_offset(i), 0);
	case 6:
		return enc_b((uint32_t)branch_offset(i), rs1, 0);
	default:
		return enc_b((uint32_t)branch_offset(i), rs1, 1);
	}
}

static uint32_t expand_quadrant2(uint32_t i)
{
	uint32_t rd = field(i, 11, 7), rs2 = field(i, 6, 2);
	uint32_t from = field(i, 12, 12) << 5 | field(i, 6, 4) << 2 | field(i, 3, 2) << 6;
	uint32_t to = field(i, 12, 9) << 2 | field(i, 8, 7) << 6;

	switch (field(i, 15, 13)) {
	case 0:
		return field(i, 12, 12) ? 0 : enc_i((int32_t)rs2, rd, 1, rd, 0x13);
	case 2:
		return rd ? enc_i((int32_t)from, 2, 2, rd, 0x03) : 0;
	case 4:
		if (!rs2 && !rd)
			return field(i, 12, 12) ? 0x00100073 : 0;
		if (!rs2)
			return enc_i(0, rd, 0, field(i, 12, 12), 0x67);
		return enc_r(0, rs2, field(i, 12, 12) ? rd : 0, 0, rd);
	case 6:
		return enc_s(to, rs2, 2);
	}
	return 0;
}

/* The instruction that a compressed one stands for; 0: none. */
static uint32_t expand(uint32_t i)
{
	switch (i & 3) {
	case 0:
		return expand_quadrant0(i);
	case 1:
		return expand_quadrant1(i);
	default:
		return expand_quadrant2(i);
	}
}

/* --------------------------------------------------------------- execution */

static uint32_t multiply(uint32_t funct3, uint32_t a, uint32_t b)
{
	int64_t sa = (int32_t)a, sb = (int32_t)b;

	switch (funct3) {
	case 0:
		return a * b;
	case 1:
		return (uint32_t)((uint64_t)(sa * sb) >> 32);
	case 2:
		return (uint32_t)((uint64_t)(sa * (int64_t)b) >> 32);
	case 3:
		return (uint32_t)((uint64_t)a * b >> 32);
	case 4:
		if (!b)
			return UINT32_MAX;
		return a == 0x80000000u && b == UINT32_MAX ? a
							   : (uint32_t)((int32_t)a / (int32_t)b);
	case 5:
		return b ? a / b : UINT32_MAX;
	case 6:
		if (!b)
			return a;
		return a == 0x80000000u && b == UINT32_MAX ? 0
							   : (uint32_t)((int32_t)a % (int32_t)b);
	default:
		return b ? a % b : a;
	}
}

static uint32_t arithmetic(uint32_t funct3, bool other, uint32_t a, uint32_t b)
{
	switch (funct3) {
	case 0:
		return other ? a - b : a + b;
	case 1:
		return a << (b & 31);
	case 2:
		return (int32_t)a < (int32_t)b;
	case 3:
		return a < b;
	case 4:
		return a ^ b;
	case 5:
		return other ? (uint32_t)((int32_t)a >> (b & 31)) : a >> (b & 31);
	case 6:
		return a | b;
	default:
		return a & b;
	}
}

static bool taken(struct core *c, uint32_t funct3, uint32_t a, uint32_t b)
{
	switch (funct3) {
	case 0:
		return a == b;
	case 1:
		return a != b;
	case 4:
		return (int32_t)a < (int32_t)b;
	case 5:
		return (int32_t)a >= (int32_t)b;
	case 6:
		return a < b;
	case 7:
		return a >= b;
	}
	c->trap = "illegal branch";
	return false;
}

static uint32_t load_as(struct core *c, uint32_t funct3, uint32_t addr)
{
	switch (funct3) {
	case 0:
		return (uint32_t)sign(load(c, addr, 1), 8);
	case 1:
		return (uint32_t)sign(load(c, addr, 2), 16);
	case 2:
		return load(c, addr, 4);
	case 4:
		return load(c, addr, 1);
	case 5:
		return load(c, addr, 2);
	}
	c->trap = "illegal load";
	return 0;
}

/* wfi, or an access to a CSR: they are memory here. Returns the old value. */
static uint32_t system_op(struct core *c, uint32_t i, uint32_t a)
{
	uint32_t *csr = &c->csr[i >> 20], old = *csr;
	uint32_t operand = field(i, 14, 14) ? field(i, 19, 15) : a;

	switch (field(i, 13, 12)) {
	case 0:
		if (i == 0x10500073)
			(void)hal_wait(c->hal);
		else
			c->trap = "ecall, ebreak or mret";
		break;
	case 1:
		*csr = operand;
		break;
	case 2:
		*csr |= operand;
		break;
	case 3:
		*csr &= ~operand;
		break;
	}
	return old;
}

static void execute(struct core *c, uint32_t i, uint32_t next)
{
	uint32_t funct3 = field(i, 14, 12), rd = field(i, 11, 7);
	uint32_t a = c->x[field(i, 19, 15)], b = c->x[field(i, 24, 20)];
	int32_t imm = (int32_t)i >> 20;
	uint32_t s = (uint32_t)(imm & ~31) | rd;
	uint32_t result = 0, target = next;

	switch (i & 0x7f) {
	case 0x37:
		result = i & 0xfffff000u;
		break;
	case 0x17:
		result = c->pc + (i & 0xfffff000u);
		break;
	case 0x6f:
		result = next;
		target = c->pc + ((uint32_t)sign(field(i, 31, 31), 1) << 20 |
				  field(i, 19, 12) << 12 | field(i, 20, 20) << 11 |
				  field(i, 30, 21) << 1);
		break;
	case 0x67:
		result = next;
		target = (a + (uint32_t)imm) & ~1u;
		break;
	case 0x63:
		rd = 0;
		if (taken(c, funct3, a, b))
			target = c->pc + ((uint32_t)sign(field(i, 31, 31), 1) << 12 |
					  field(i, 7, 7) << 11 | field(i, 30, 25) << 5 |
					  field(i, 11, 8) << 1);
		break;
	case 0x03:
		result = load_as(c, funct3, a + (uint32_t)imm);
		break;
	case 0x23:
		rd = 0;
		if (funct3 > 2)
			c->trap = "illegal store";
		else
			store(c, a + s, b, 1u << funct3);
		break;
	case 0x13:
		result = arithmetic(funct3, funct3 == 5 && i >> 30 & 1, a, (uint32_t)imm);
		break;
	case 0x33:
		result = i >> 25 & 1 ? multiply(funct3, a, b)
				     : arithmetic(funct3, i >> 30 & 1, a, b);
		break;
	case 0x0f:
		rd = 0;
		break;
	case 0x73:
		result = system_op(c, i, a);
		break;
	default:
		c->trap = "illegal instruction";
	}
	if (rd)
		c->x[rd] = result;
	c->pc = target;
}

static void step(struct core *c)
{
	uint32_t offset = c->pc - SL200_MCU_TCM_BASE, i = 0;

	if (offset > SL200_MCU_CODE_SIZE - 4 || offset & 1) {
		c->trap = "no code here";
		return;
	}
	memcpy(&i, c->tcm + offset, 4);
	rv32_retired++;
	if ((i & 3) == 3)
		execute(c, i, c->pc + 4);
	else
		execute(c, expand(i & 0xffff), c->pc + 2);
}

/* The build's firmware.bin, beside the folder of the tests. */
static size_t read_firmware(void *data, size_t room)
{
	char path[PATH_MAX + 32];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	size_t size = 0;
	char *slash;
	FILE *file;

	if (length > 0) {
		path[length] = '\0';
		slash = strrchr(path, '/');
		*slash = '\0';
		slash = strrchr(path, '/');
		strcpy(slash, "/firmware/firmware.bin");
		file = fopen(path, "rb");
		if (file) {
			size = fread(data, 1, room, file);
			fclose(file);
		}
	}
	return size;
}

void fw_main(struct hal *hal)
{
	struct core *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->hal = hal;
	c->tcm = hal_tcm(hal);
	c->pc = SL200_MCU_TCM_BASE;
	if (!read_firmware(c->tcm, SL200_MCU_CODE_SIZE))
		c->trap = "no firmware.bin";
	while (!c->trap && !hal_stopping(hal)) {
		uint32_t pc = c->pc;

		step(c);
		if (c->trap)
			c->pc = pc;
	}
	if (c->trap) {
		fprintf(stderr, "rv32: %s at 0x%08x\n", c->trap, c->pc);
		abort();
	}
	free(c);
}
