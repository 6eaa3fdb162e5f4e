// SPDX-License-Identifier: MIT
/* Opening cards: URIs, capabilities, firmware images of all kinds, clients beside each other. */
#include <dlfcn.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/sl200_fw.h"
#include "tests/stack/stack.h"

static void test_open(void)
{
	struct sl200_log_entry events[16];
	struct sl_device_stats stats;
	const struct sl200_caps *caps;
	struct sl_device_info info;
	struct sl_device *device;
	uint32_t i, kinds = 0;
	int n;

	device = stack_open();
	caps = sl_device_caps(device);
	CU_ASSERT_TRUE(caps->num_queues >= 2 && caps->num_asids >= 2 && caps->max_depth >= 64);
	sl_device_info(device, &info);
	/* "drm:" alone is told in full. */
	CU_ASSERT_EQUAL(strncmp(info.uri, getenv("SL_DEVICE"), strlen(getenv("SL_DEVICE"))), 0);
	CU_ASSERT_NOT_EQUAL(info.serial, 0);
	CU_ASSERT_EQUAL(info.dram_size, caps->dram_size);
	CU_ASSERT_EQUAL(info.fw_version, caps->fw_version);
	CU_ASSERT_OK(sl_device_stats(device, &stats));
	CU_ASSERT_TRUE(stats.time_ns > 0);
	for (i = 0; i < stats.num_engines; i++) {
		CU_ASSERT_EQUAL(stats.engine[i].kind, caps->engine_kind[i]);
		kinds |= 1u << stats.engine[i].kind;
	}
	/* What the card does follows from its engines. */
	CU_ASSERT_TRUE(kinds >> SL200_ENGINE_DMA & 1);
	CU_ASSERT_TRUE(stack_has(device, SL200_OP_COPY) && stack_has(device, SL200_OP_FILL));
	CU_ASSERT_EQUAL(stack_has(device, SL200_OP_ENCODE), kinds >> SL200_ENGINE_VENC & 1);
	CU_ASSERT_EQUAL(caps->num_enc > 0, kinds >> SL200_ENGINE_VENC & 1);
	CU_ASSERT_EQUAL(stack_has(device, SL200_OP_CRC), kinds >> SL200_ENGINE_CRC & 1);
	CU_ASSERT_FALSE(stack_has(device, SL200_OP_DECODE));
	n = sl_device_log(device, events, 16);
	CU_ASSERT_TRUE_FATAL(n >= 1);
	/* A card that has worked for others has other things to tell by now. */
	if (stack_own_card()) {
		CU_ASSERT_EQUAL(events[0].event, SL200_EVENT_BOOT);
		CU_ASSERT_EQUAL(events[0].arg0, info.fw_version);
	}
	CU_ASSERT_EQUAL(sl_device_log(device, events, -1), SL_ERR_INVALID);
	sl_device_close(device);
	sl_device_close(NULL);
}

/* Each failure is of the right kind and its sentence names what was wrong. */
static void expect_failure(const char *uri, int ret, const char *word)
{
	struct sl_device *device;

	CU_ASSERT_EQUAL(sl_device_open(uri, &device), ret);
	if (!strstr(sl_last_error(), word))
		printf("  '%s' does not mention '%s'\n", sl_last_error(), word);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), word));
}

static void test_nonsense(void)
{
	static const struct {
		const char *uri, *word;
	} uris[] = {
		{"nonsense", "nonsense"},
		{"simm:", "simm:"},
		{"sim", "sim:"},
		{"drm:/dev/dri/renderD250", "/dev/dri/renderD250"},
		{"drm:/dev/null", "not a DRM device"},
		{"drm:renderD128", "path of a render node"},
		{"sim:rtlx", "sim:rtl"},
		{"sim:/no/such/socket", "/no/such/socket"},
		{"sim:dram=1G", "?name=value"},
		{"sim:?", "no option"},
		{"sim:?colour=blue", "colour"},
		{"sim:?dram", "dram"},
		{"sim:?dram=", "dram"},
		{"sim:?dram=0", "dram"},
		{"sim:?dram=1G&dram=-5", "dram"},
		{"sim:?dram=99999999G", "dram"},
		{"sim:?venc=0", "venc"},
		{"sim:?venc=nan", "venc"},
		{"sim:?threads=1.5", "threads"},
		{"sim:?latency=1Q", "latency"},
		{"sim:?bandwidth=8e9&", "no option"},
	};
	char *saved = strdup(getenv("SL_DEVICE"));
	struct sl_device *device;
	char longest[5000];
	size_t i;

	stack_hold(false);
	for (i = 0; i < sizeof(uris) / sizeof(uris[0]); i++)
		expect_failure(uris[i].uri, SL_ERR_NO_DEVICE, uris[i].word);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	expect_failure(longest, SL_ERR_NO_DEVICE, "xxx");
	if (!sl_device_list(NULL, 0)) {
		unsetenv("SL_DEVICE");
		expect_failure(NULL, SL_ERR_NO_DEVICE, "SL_DEVICE=sim:");
		setenv("SL_DEVICE", "", 1);
		expect_failure(NULL, SL_ERR_NO_DEVICE, "SL_DEVICE=sim:");
		expect_failure("drm:", SL_ERR_NO_DEVICE, "SL_DEVICE=sim:");
	} else {
		stack_skip("no SL_DEVICE and no card", "there is a card here");
	}
	setenv("SL_DEVICE", "what", 1);
	expect_failure(NULL, SL_ERR_NO_DEVICE, "what");
	setenv("SL_DEVICE", saved, 1);
	free(saved);
	CU_ASSERT_EQUAL(sl_device_open(NULL, NULL), SL_ERR_INVALID);
	CU_ASSERT_OK(sl_device_open("sim:?dram=1G&threads=1&venc=2&latency=0", &device));
	CU_ASSERT_EQUAL(sl_device_caps(device)->dram_size, 1ull << 30);
	sl_device_close(device);
	stack_hold(true);
	stack_assert_healthy();
}

static struct {
	uint8_t data[SL200_FW_MAX_SIZE + 4096];
	size_t size;
} image;
static char image_path[PATH_MAX];

static void read_image(void)
{
	char path[PATH_MAX], *slash;
	Dl_info info;
	FILE *file;

	CU_ASSERT_TRUE_FATAL(dladdr((void *)sl_version, &info) && realpath(info.dli_fname, path));
	slash = strrchr(path, '/');
	CU_ASSERT_PTR_NOT_NULL_FATAL(slash);
	snprintf(slash, sizeof(path) - (size_t)(slash - path), "/../firmware/sl200.fw");
	file = fopen(path, "rb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	image.size = fread(image.data, 1, sizeof(image.data), file);
	fclose(file);
	CU_ASSERT_TRUE_FATAL(image.size > sizeof(struct sl200_fw_header));
}

/* Boot this image; word is of the message that must come. */
static void try_image(const void *data, size_t size, const char *word)
{
	FILE *file = fopen(image_path, "wb");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fwrite(data, 1, size, file), size);
	fclose(file);
	expect_failure(NULL, SL_ERR_FIRMWARE, word);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), image_path));
}

static void test_firmware(void)
{
	struct sl200_fw_header *header = (struct sl200_fw_header *)image.data, original;
	int fd;

	if (!stack_own_card()) {
		stack_skip("firmware images", "this card boots what its driver has found");
		return;
	}

	snprintf(image_path, sizeof(image_path), "/tmp/sl200-test-XXXXXX");
	fd = mkstemp(image_path);
	CU_ASSERT_TRUE_FATAL(fd >= 0);
	close(fd);
	read_image();
	original = *header;
	stack_hold(false);
	setenv("SL_FIRMWARE", image_path, 1);

	try_image(image.data, 0, "truncated");
	try_image(image.data, sizeof(*header) - 1, "truncated");
	try_image(image.data, image.size - 1, "truncated");
	try_image(image.data, sizeof(image.data), "too large");
	header->magic ^= 1;
	try_image(image.data, image.size, "not an SL200 firmware image");
	*header = original;
	header->header_version++;
	try_image(image.data, image.size, "header is out of range");
	*header = original;
	header->load_addr ^= 0x80000000;
	try_image(image.data, image.size, "header is out of range");
	*header = original;
	header->abi_min = header->abi_max = SL200_FW_ABI + 1;
	try_image(image.data, image.size, "interface version");
	*header = original;
	header->hw_min = header->hw_max = 0x7fff0000;
	try_image(image.data, image.size, "hardware version");
	*header = original;
	header->version++;
	try_image(image.data, image.size, "signature");
	*header = original;
	header->signature[5] ^= 1;
	try_image(image.data, image.size, "signature");
	memset(header->signature, 0, sizeof(header->signature));
	try_image(image.data, image.size, "signature");
	*header = original;
	image.data[image.size - 1] ^= 0x40;
	try_image(image.data, image.size, "hash");
	image.data[image.size - 1] ^= 0x40;

	unlink(image_path);
	expect_failure(NULL, SL_ERR_FIRMWARE, image_path);
	setenv("SL_FIRMWARE", "/", 1);
	expect_failure(NULL, SL_ERR_FIRMWARE, "firmware /");
	unsetenv("SL_FIRMWARE");
	stack_hold(true);
	stack_assert_healthy();
}

/* A client with an address space, which a driver may give it as late as with its first memory. */
static struct sl_device *open_with_space(void)
{
	struct sl_device *device;
	struct sl_buffer *buffer;
	int ret;

	if (sl_device_open(NULL, &device))
		return NULL;
	ret = sl_buffer_create(device, 4096, SL_MEMORY_HOST, &buffer);
	if (!ret)
		return device;
	CU_ASSERT_EQUAL(ret, SL_ERR_NO_MEMORY);
	sl_device_close(device);
	return NULL;
}

/* All opens of a process share one card; closing one does not disturb another. */
static void test_shared(void)
{
	struct sl_device *device[8];
	struct sl_device_stats before, stats;
	struct sl_queue *queue;
	uint64_t seqno;
	int i;

	for (i = 0; i < 8; i++) {
		device[i] = open_with_space();
		CU_ASSERT_PTR_NOT_NULL_FATAL(device[i]);
	}
	CU_ASSERT_OK(sl_device_stats(device[7], &before));
	CU_ASSERT_OK(sl_queue_create(device[7], NULL, &queue));
	for (i = 0; i < 7; i++)
		sl_device_close(device[i]);
	CU_ASSERT_OK(sl_queue_nop(queue, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
	CU_ASSERT_OK(sl_device_stats(device[7], &stats));
	CU_ASSERT_EQUAL(stats.firmware.asids, before.firmware.asids - 7);
	CU_ASSERT_EQUAL(stats.firmware.queues, before.firmware.queues + 1);
	sl_device_close(device[7]);
	stack_assert_healthy();
}

static void test_limits(void)
{
	static struct sl_device *device[SL200_MAX_ASIDS + 1];
	static struct sl_queue *queue[SL200_MAX_QUEUES + 1];
	struct sl_queue_params params = {.depth = 2};
	uint32_t i, asids, queues, limit;
	uint64_t seqno;

	/* A card that others have used has a queue of its own, for clearing memory. */
	stack_hold(false);
	device[0] = stack_open();
	limit = sl_device_caps(device[0])->num_queues;
	for (queues = 0; queues <= limit; queues++) {
		if (sl_queue_create(device[0], &params, &queue[queues]))
			break;
	}
	/* A driver may allow one client fewer than the card has. */
	if (stack_own_card())
		CU_ASSERT_EQUAL(queues, limit - 1);
	CU_ASSERT_TRUE(queues >= 16 && queues < limit);
	CU_ASSERT_EQUAL(sl_queue_create(device[0], &params, &queue[queues]), SL_ERR_NO_MEMORY);
	/* Queues share interrupt vectors by now; each still hears of its own jobs. */
	for (i = 0; i < queues; i += 50) {
		CU_ASSERT_OK(sl_queue_nop(queue[i], NULL, &seqno));
		CU_ASSERT_EQUAL(stack_wait_status(queue[i], seqno), SL200_STATUS_OK);
	}
	limit = sl_device_caps(device[0])->num_asids;
	for (asids = 1; asids <= limit; asids++) {
		device[asids] = open_with_space();
		if (!device[asids])
			break;
	}
	CU_ASSERT_TRUE(asids >= limit - 2 && asids < limit);
	CU_ASSERT_PTR_NULL(open_with_space());
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), "address spaces"));
	for (i = 0; i < asids; i++)
		sl_device_close(device[i]);
	stack_hold(true);
	stack_assert_healthy();
}

static void test_stats_file(void)
{
	char path[] = "/tmp/sl200-stats-XXXXXX";
	json_t *root, *engines;
	json_error_t error;
	int fd = mkstemp(path);

	CU_ASSERT_TRUE_FATAL(fd >= 0);
	close(fd);
	stack_hold(false);
	setenv("SL_STATS", path, 1);
	stack_assert_healthy();
	unsetenv("SL_STATS");
	stack_hold(true);
	root = json_load_file(path, 0, &error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	CU_ASSERT_EQUAL(strncmp(json_string_value(json_object_get(root, "uri")),
				getenv("SL_DEVICE"), strlen(getenv("SL_DEVICE"))),
			0);
	/* Elsewhere, memory that others may have used is cleared by jobs. */
	if (stack_in_process())
		CU_ASSERT_EQUAL(json_integer_value(json_object_get(root, "jobs_submitted")), 2);
	CU_ASSERT_TRUE(json_integer_value(json_object_get(root, "jobs_submitted")) >= 2);
	CU_ASSERT_TRUE(json_integer_value(json_object_get(root, "link_read")) >= 65536);
	engines = json_object_get(root, "engines");
	CU_ASSERT_TRUE(json_array_size(engines) >= 2);
	CU_ASSERT_STRING_EQUAL(
		json_string_value(json_object_get(json_array_get(engines, 0), "kind")), "dma");
	json_decref(root);
	unlink(path);
}

/* A program that exits with its device open leaves its statistics too. */
static void test_stats_at_exit(void)
{
	char path[] = "/tmp/sl200-stats-XXXXXX";
	struct sl_device *device;
	int fd = mkstemp(path), status;
	json_t *root;
	pid_t child;

	CU_ASSERT_TRUE_FATAL(fd >= 0);
	close(fd);
	fflush(NULL);
	child = fork();
	if (!child) {
		setenv("SL_STATS", path, 1);
		exit(sl_device_open(NULL, &device) ? 1 : 0);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_EQUAL(status, 0);
	root = json_load_file(path, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	CU_ASSERT_TRUE(json_integer_value(json_object_get(root, "time_ns")) > 0);
	json_decref(root);
	unlink(path);
}

static void test_texts(void)
{
	int i, j;

	for (i = SL_ERR_END - 1; i <= SL_OK; i++) {
		for (j = SL_ERR_END - 1; j < i; j++)
			CU_ASSERT_STRING_NOT_EQUAL(sl_strerror(i), sl_strerror(j));
	}
	CU_ASSERT_STRING_EQUAL(sl_version(), SL200_VERSION);
	CU_ASSERT_EQUAL(sl_status_result(SL200_STATUS_OVERFLOW), SL_ERR_OVERFLOW);
	CU_ASSERT_EQUAL(sl_status_result(0xffff), SL_ERR_JOB);
}

#ifndef STACK_TSAN
/* A child has no card of its parent's, says so, and gets its own. */
static int child(struct sl_queue *inherited, uint64_t seqno)
{
	char path[] = "/tmp/sl200-stats-XXXXXX";
	unsigned int failures = CU_get_number_of_failures();
	struct sl_device *device;
	int fd = mkstemp(path);
	struct stat file;

	if (sl_queue_wait(inherited, seqno, PATIENCE, NULL) != SL_ERR_LOST ||
	    !strstr(sl_last_error(), "lost"))
		return 1;
	if (stack_own_card() && !stack_in_process()) {
		close(fd);
		unlink(path);
		return sl_device_open(NULL, &device) == SL_ERR_BUSY ? 0 : 4;
	}
	/* The inherited device does not count as open: this close is the last, and writes. */
	setenv("SL_STATS", path, 1);
	stack_assert_healthy();
	unsetenv("SL_STATS");
	if (fd < 0 || stat(path, &file) || !file.st_size)
		return 3;
	close(fd);
	unlink(path);
	return CU_get_number_of_failures() > failures ? 2 : 0;
}

static void test_fork(void)
{
	struct sl_device *device = stack_open();
	struct sl_buffer *buffer;
	struct sl_queue *queue;
	uint64_t seqno;
	int status = -1;
	pid_t pid;

	CU_ASSERT_OK(sl_queue_create(device, NULL, &queue));
	CU_ASSERT_OK(sl_buffer_create(device, 4096, SL_MEMORY_HOST, &buffer));
	CU_ASSERT_OK(sl_queue_wait_value(queue, sl_buffer_iova(buffer), 1, NULL, &seqno));
	pid = fork();
	if (!pid)
		_exit(child(queue, seqno));
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_TRUE(WIFEXITED(status) && !WEXITSTATUS(status));
	/* The parent's card did not notice. */
	__atomic_store_n((uint64_t *)sl_buffer_map(buffer), 1, __ATOMIC_RELEASE);
	CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
	sl_device_close(device);
}
#endif

int main(void)
{
	CU_TestInfo tests[] = {
		{"open and look", test_open},
		{"URIs that make no sense", test_nonsense},
		{"firmware images", test_firmware},
		{"one card, many clients", test_shared},
		{"limits of queues and clients", test_limits},
		{"statistics file", test_stats_file},
		{"statistics at exit", test_stats_at_exit},
		{"texts", test_texts},
#ifndef STACK_TSAN
		{"fork", test_fork},
#endif
		CU_TEST_INFO_NULL,
	};

	return stack_run("device", tests);
}
