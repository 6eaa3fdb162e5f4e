// SPDX-License-Identifier: MIT
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

#include "libsl/sim_uri.h"
#include "sl200/device.h"
#include "tests/suite.h"

static void test_values(void)
{
	struct card_config config;

	CU_ASSERT_EQUAL(sim_uri_parse("", &config), 0);
	CU_ASSERT_EQUAL(config.dram_size, 0);
	CU_ASSERT_EQUAL(config.venc_engines, 0);
	CU_ASSERT_EQUAL(
		sim_uri_parse("?dram=1G&threads=3&venc=2&bandwidth=8e9&latency=800", &config), 0);
	CU_ASSERT_EQUAL(config.dram_size, 1ull << 30);
	CU_ASSERT_EQUAL(config.threads, 3);
	CU_ASSERT_EQUAL(config.venc_engines, 2);
	CU_ASSERT_EQUAL(config.link.bandwidth, 8000000000);
	CU_ASSERT_EQUAL(config.link.latency_ns, 800);
	CU_ASSERT_EQUAL(sim_uri_parse("?dram=1.5G", &config), 0);
	CU_ASSERT_EQUAL(config.dram_size, 3ull << 29);
	CU_ASSERT_EQUAL(sim_uri_parse("?dram=65536K", &config), 0);
	CU_ASSERT_EQUAL(config.dram_size, 64 << 20);
	CU_ASSERT_EQUAL(sim_uri_parse("?venc=1&venc=3", &config), 0);
	CU_ASSERT_EQUAL(config.venc_engines, 3);
	CU_ASSERT_EQUAL(config.crc_engines, 0);
	CU_ASSERT_EQUAL(sim_uri_parse("?crc=6", &config), 0);
	CU_ASSERT_EQUAL(config.crc_engines, 6);
}

static void test_sockets(void)
{
	char path[2 * SIM_SOCKET_PATH_SIZE];
	char socket[SIM_SOCKET_PATH_SIZE];

	CU_ASSERT_EQUAL(sim_uri_socket("/run/card 1.sock", socket), 0);
	CU_ASSERT_STRING_EQUAL(socket, "/run/card 1.sock");
	memset(path, '/', sizeof(path));
	path[SIM_SOCKET_PATH_SIZE - 1] = '\0';
	CU_ASSERT_EQUAL(sim_uri_socket(path, socket), 0);
	CU_ASSERT_STRING_EQUAL(socket, path);
	path[SIM_SOCKET_PATH_SIZE - 1] = '/';
	path[SIM_SOCKET_PATH_SIZE] = '\0';
	CU_ASSERT_EQUAL(sim_uri_socket(path, socket), SL_ERR_NO_DEVICE);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "107 characters"));
	CU_ASSERT_EQUAL(sim_uri_socket("/run/card.sock?dram=1G", socket), SL_ERR_NO_DEVICE);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "slcard"));
}

static void test_engines(void)
{
	static const struct {
		const char *text, *rest;
		enum sim_engine engine;
	} cases[] = {
		{"", "", SIM_MODEL},	     {"?dram=1G", "?dram=1G", SIM_MODEL},
		{"rtl", "", SIM_RTL},	     {"rtl?dram=1G", "?dram=1G", SIM_RTL},
		{"rt", "rt", SIM_MODEL},     {"rtlx", "rtlx", SIM_MODEL},
		{"rtl/", "rtl/", SIM_MODEL}, {"?rtl", "?rtl", SIM_MODEL},
	};
	enum sim_engine engine;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CU_ASSERT_STRING_EQUAL(sim_uri_engine(cases[i].text, &engine), cases[i].rest);
		CU_ASSERT_EQUAL(engine, cases[i].engine);
	}
	unsetenv("SL_RTL_WAVES");
	CU_ASSERT_STRING_EQUAL(sim_engine_library(SIM_MODEL), "libslcard.so");
	CU_ASSERT_STRING_EQUAL(sim_engine_library(SIM_RTL), "libslcard-rtl.so");
	setenv("SL_RTL_WAVES", "0:100", 1);
	CU_ASSERT_STRING_EQUAL(sim_engine_library(SIM_MODEL), "libslcard.so");
	CU_ASSERT_STRING_EQUAL(sim_engine_library(SIM_RTL), "libslcard-rtl-waves.so");
	unsetenv("SL_RTL_WAVES");
}

static void test_refusals(void)
{
	static const char *const bad[] = {
		"x",
		"?",
		"?=",
		"?dram",
		"?dram=",
		"?dram=x",
		"?dram=1GG",
		"?dram=1G1",
		"?dram=-1",
		"?dram=inf",
		"?dram=nan",
		"?dram=0x10G",
		"?dram=1e400",
		"?dram=1e30",
		"?dram=1M",
		"?threads=0",
		"?threads=1e9",
		"?threads=2.5",
		"?venc=9",
		"?latency=1.1",
		"?crc=7",
		"?bandwidth=1",
		"?dram=1G&",
		"?dram=1G&&",
		"?dramm=1G",
		"?dra=1G",
		"?dram=1 G",
		"?dram==1G",
		"?bandwidth=8e9?",
		"?latency=800;",
		"/path",
		"path/of/card.sock",
		"rtl",
		"rtlx",
		"?threads=\n1",
		"?venc=1&x=\xff",
		"?dram=00000000000000000000000000000000000000001G",
	};
	struct card_config config;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(sim_uri_parse(bad[i], &config), SL_ERR_NO_DEVICE);
		CU_ASSERT_TRUE(strlen(sl_last_error()) > 20);
	}
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"values", test_values},     {"sockets", test_sockets}, {"engines", test_engines},
		{"refusals", test_refusals}, CU_TEST_INFO_NULL,
	};

	return suite_run("what follows sim:", NULL, NULL, tests);
}
