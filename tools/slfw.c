// SPDX-License-Identifier: MIT
/* slfw: pack, sign and inspect firmware images (abi/sl200_fw.h). */
#include <errno.h>
#include <getopt.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_fw.h"
#include "abi/sl200_regs.h"
#include "firmware/lib/image.h"
#include "tools/slfw_key.h"

struct options {
	const char *key;
	const char *public_key;
	const char *output;
	const char *build;
	uint32_t version;
	uint32_t security_version;
	uint32_t load_addr;
	uint32_t entry;
	uint32_t abi_min, abi_max;
	uint32_t hw_min, hw_max;
};

struct image {
	struct sl200_fw_header *header; /* NULL: nothing read */
	const uint8_t *payload;
	size_t size;
};

static const char usage[] =
	"slfw - pack, sign and inspect SL200 firmware images\n"
	"\n"
	"SYNOPSIS\n"
	"  slfw pack    -k KEY -o IMAGE [-v VERSION] [OPTION]... PAYLOAD\n"
	"  slfw sign    -k KEY [-o IMAGE] IMAGE\n"
	"  slfw info    IMAGE\n"
	"  slfw verify  (-k KEY | -p PUBLIC) [-s N] IMAGE\n"
	"  slfw keygen  -o KEY [-p PUBLIC]\n"
	"\n"
	"COMMANDS\n"
	"  pack    put a header before PAYLOAD (the binary of the RV32 program) and sign it\n"
	"  sign    sign an image again, in place or into another file\n"
	"  info    show the header, and whether it and the payload's hash are in order\n"
	"  verify  check what the boot ROM checks; exit status 0 when the image would boot\n"
	"  keygen  make a key; existing files are not overwritten\n"
	"\n"
	"OPTIONS\n"
	"  -k, --key FILE            secret key: 64 hexadecimal digits, # starts a comment line\n"
	"  -p, --public FILE         public key, in the same form\n"
	"  -o, --output FILE         file to write\n"
	"  -v, --version A.B.C       firmware version (0.0.0)\n"
	"  -b, --build TEXT          text to identify the build, at most 23 bytes\n"
	"  -s, --security-version N  pack: of the image; verify: the oldest the card accepts (0)\n"
	"      --load ADDR           load address (start of the TCM)\n"
	"      --entry ADDR          first instruction (the load address)\n"
	"      --abi MIN:MAX         host interface versions it speaks (this tree's)\n"
	"      --hw MIN:MAX          hardware versions it runs on (this tree's major version)\n"
	"  -h, --help                this text\n"
	"\n"
	"EXIT STATUS\n"
	"  0 success, 1 the image is not good or a file could not be used, 2 wrong usage\n";

static int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int fail(const char *format, ...)
{
	va_list args;

	fputs("slfw: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return 1;
}

static int usage_error(const char *message)
{
	fail("%s (slfw --help shows the options)", message);
	return 2;
}

/* Read at most max bytes of a file. Returns malloc'd bytes, or NULL after a message. */
static uint8_t *read_file(const char *path, size_t max, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;

	if (!file) {
		fail("%s: %s", path, strerror(errno));
		return NULL;
	}
	data = malloc(max + 1);
	if (!data) {
		fail("out of memory");
	} else {
		*size = fread(data, 1, max + 1, file);
		if (ferror(file) || *size > max) {
			if (ferror(file))
				fail("%s: %s", path, strerror(errno));
			else
				fail("%s: larger than %zu bytes", path, max);
			free(data);
			data = NULL;
		}
	}
	fclose(file);
	return data;
}

static int write_file(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "wb");
	int failed;

	if (!file)
		return fail("%s: %s", path, strerror(errno));
	failed = fwrite(data, 1, size, file) != size;
	failed |= fclose(file) != 0;
	return failed ? fail("%s: %s", path, strerror(errno)) : 0;
}

static int read_image(const char *path, struct image *image)
{
	size_t size;
	uint8_t *data = read_file(path, SL200_FW_MAX_SIZE, &size);

	if (!data)
		return 1;
	if (size < sizeof(struct sl200_fw_header)) {
		free(data);
		return fail("%s: shorter than an image header (%zu bytes)", path, size);
	}
	image->header = (struct sl200_fw_header *)data;
	image->payload = data + sizeof(struct sl200_fw_header);
	image->size = size;
	return 0;
}

static int sign_header(struct sl200_fw_header *header, const char *key_path)
{
	uint8_t seed[SLFW_KEY_SIZE];
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
	uint8_t secret_key[crypto_sign_SECRETKEYBYTES];

	if (slfw_key_read(key_path, seed))
		return 1;
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	memcpy(header->key_id, public_key, sizeof(header->key_id));
	crypto_sign_detached(header->signature, NULL, (const uint8_t *)header,
			     offsetof(struct sl200_fw_header, signature), secret_key);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(secret_key, sizeof(secret_key));
	return 0;
}

static const char *status_text(uint32_t status)
{
	switch (status) {
	case SL200_BOOT_ERR_SIZE:
		return "impossible size";
	case SL200_BOOT_ERR_MAGIC:
		return "not a firmware image";
	case SL200_BOOT_ERR_HEADER:
		return "header field out of range";
	case SL200_BOOT_ERR_HW:
		return "not for this hardware version";
	case SL200_BOOT_ERR_ABI:
		return "no host interface version in common";
	case SL200_BOOT_ERR_ROLLBACK:
		return "security version too old";
	case SL200_BOOT_ERR_SIGNATURE:
		return "wrong signature";
	case SL200_BOOT_ERR_HASH:
		return "payload does not match its hash";
	default:
		return "unknown status";
	}
}

static uint32_t check_hash(const struct image *image)
{
	uint8_t digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(digest, image->payload, image->header->payload_size);
	return memcmp(digest, image->header->payload_sha256, sizeof(digest)) ? SL200_BOOT_ERR_HASH
									     : 0;
}

static int report(const char *path, uint32_t status, uint32_t detail)
{
	if (status == SL200_BOOT_ERR_HEADER)
		return fail("%s: %s (at offset %u)", path, status_text(status), detail);
	return fail("%s: %s (boot status 0x%02x)", path, status_text(status), status);
}

static int command_pack(const struct options *o, const char *path)
{
	struct sl200_fw_header *header;
	uint32_t detail = 0;
	uint32_t status;
	size_t size;
	uint8_t *payload;
	uint8_t *data;
	int rc = 1;

	if (!o->key || !o->output)
		return usage_error("pack needs --key and --output");
	if (strlen(o->build) >= sizeof(header->build))
		return usage_error("--build is longer than 23 bytes");
	payload = read_file(path, SL200_FW_MAX_SIZE - sizeof(*header), &size);
	if (!payload)
		return 1;
	data = calloc(1, sizeof(*header) + size);
	if (!data) {
		free(payload);
		return fail("out of memory");
	}
	header = (struct sl200_fw_header *)data;
	*header = (struct sl200_fw_header){
		.magic = SL200_FW_MAGIC,
		.header_version = SL200_FW_HEADER_VERSION,
		.header_size = sizeof(*header),
		.payload_size = (uint32_t)size,
		.load_addr = o->load_addr,
		.entry = o->entry,
		.version = o->version,
		.abi_min = (uint16_t)o->abi_min,
		.abi_max = (uint16_t)o->abi_max,
		.security_version = o->security_version,
		.hw_min = o->hw_min,
		.hw_max = o->hw_max,
	};
	memcpy(header->build, o->build, strlen(o->build));
	memcpy(data + sizeof(*header), payload, size);
	crypto_hash_sha256(header->payload_sha256, payload, size);
	status = image_check_header(header, (uint32_t)(sizeof(*header) + size), 1,
				    o->security_version, &detail);
	/* For another chip than this tree's is no error. */
	if (status && status != SL200_BOOT_ERR_HW && status != SL200_BOOT_ERR_ABI)
		rc = report(path, status, detail);
	else if (!sign_header(header, o->key))
		rc = write_file(o->output, data, sizeof(*header) + size);
	free(payload);
	free(data);
	return rc;
}

static int command_sign(const struct options *o, const char *path)
{
	struct image image;
	int rc;

	if (!o->key)
		return usage_error("sign needs --key");
	if (read_image(path, &image))
		return 1;
	if (image.header->magic != SL200_FW_MAGIC)
		rc = report(path, SL200_BOOT_ERR_MAGIC, 0);
	else
		rc = sign_header(image.header, o->key);
	if (!rc)
		rc = write_file(o->output ? o->output : path, image.header, image.size);
	free(image.header);
	return rc;
}

static void print_hex(const char *name, const uint8_t *bytes, size_t size)
{
	printf("%-18s", name);
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

static int command_info(const struct options *o, const char *path)
{
	struct image image;
	const struct sl200_fw_header *h;
	uint32_t detail = 0;
	uint32_t status;
	int rc = 0;

	if (read_image(path, &image))
		return 1;
	h = image.header;
	status = image_check_header(h, (uint32_t)image.size, 1, 0, &detail);
	if (status == SL200_BOOT_ERR_MAGIC) {
		free(image.header);
		return report(path, status, detail);
	}
	printf("%-18s%u.%u.%u\n", "version", h->version >> 24, h->version >> 16 & 0xff,
	       h->version & 0xffff);
	printf("%-18s%.*s\n", "build", (int)sizeof(h->build), h->build);
	printf("%-18s%u\n", "security version", h->security_version);
	printf("%-18s%u to %u\n", "host interface", h->abi_min, h->abi_max);
	printf("%-18s0x%08x to 0x%08x\n", "hardware", h->hw_min, h->hw_max);
	printf("%-18s%u bytes at 0x%08x, entry 0x%08x\n", "payload", h->payload_size, h->load_addr,
	       h->entry);
	print_hex("payload SHA-256", h->payload_sha256, sizeof(h->payload_sha256));
	print_hex("key id", h->key_id, sizeof(h->key_id));
	if (!status)
		status = check_hash(&image);
	if (status)
		rc = report(path, status, detail);
	free(image.header);
	return rc;
}

static int public_key(const struct options *o, uint8_t key[SLFW_KEY_SIZE])
{
	uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
	uint8_t seed[SLFW_KEY_SIZE];

	if (o->public_key)
		return slfw_key_read(o->public_key, key);
	if (slfw_key_read(o->key, seed))
		return -1;
	crypto_sign_seed_keypair(key, secret_key, seed);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(secret_key, sizeof(secret_key));
	return 0;
}

static int command_verify(const struct options *o, const char *path)
{
	uint8_t key[SLFW_KEY_SIZE];
	struct image image;
	uint32_t detail = 0;
	uint32_t status;
	int rc = 0;

	if (!o->key && !o->public_key)
		return usage_error("verify needs --key or --public");
	if (public_key(o, key) || read_image(path, &image))
		return 1;
	status = image_check_header(image.header, (uint32_t)image.size, 1, o->security_version,
				    &detail);
	if (!status &&
	    crypto_sign_verify_detached(image.header->signature, (const uint8_t *)image.header,
					offsetof(struct sl200_fw_header, signature), key))
		status = SL200_BOOT_ERR_SIGNATURE;
	if (!status)
		status = check_hash(&image);
	if (status)
		rc = report(path, status, detail);
	else
		printf("%s: good\n", path);
	free(image.header);
	return rc;
}

static int command_keygen(const struct options *o)
{
	uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
	uint8_t public[crypto_sign_PUBLICKEYBYTES];
	uint8_t seed[SLFW_KEY_SIZE];
	int rc;

	if (!o->output)
		return usage_error("keygen needs --output");
	randombytes_buf(seed, sizeof(seed));
	crypto_sign_seed_keypair(public, secret_key, seed);
	rc = slfw_key_write(o->output, seed, "SL200 firmware signing key (Ed25519 seed): secret",
			    1);
	if (!rc && o->public_key)
		rc = slfw_key_write(o->public_key, public, "SL200 firmware public key (Ed25519)",
				    0);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(secret_key, sizeof(secret_key));
	return rc ? 1 : 0;
}

static int parse_u32(const char *text, uint32_t *value)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || v > UINT32_MAX)
		return -1;
	*value = (uint32_t)v;
	return 0;
}

/* "MIN:MAX", each at most limit. */
static int parse_range(const char *text, uint32_t limit, uint32_t *min, uint32_t *max)
{
	char buffer[64];
	char *colon;

	if (strlen(text) >= sizeof(buffer))
		return -1;
	strcpy(buffer, text);
	colon = strchr(buffer, ':');
	if (!colon)
		return -1;
	*colon = '\0';
	if (parse_u32(buffer, min) || parse_u32(colon + 1, max))
		return -1;
	return *min > *max || *max > limit ? -1 : 0;
}

static int parse_version(const char *text, uint32_t *version)
{
	unsigned int major, minor, patch;
	int used = 0;

	if (sscanf(text, "%3u.%3u.%5u%n", &major, &minor, &patch, &used) != 3 || text[used] ||
	    major > 255 || minor > 255 || patch > 65535)
		return -1;
	*version = major << 24 | minor << 16 | patch;
	return 0;
}

enum {
	OPT_LOAD = 256,
	OPT_ENTRY,
	OPT_ABI,
	OPT_HW,
};

/* Returns 0, -1 for --help, or the exit status of a wrong usage. */
static int parse(int argc, char **argv, struct options *o)
{
	static const struct option long_options[] = {
		{"key", required_argument, NULL, 'k'},
		{"public", required_argument, NULL, 'p'},
		{"output", required_argument, NULL, 'o'},
		{"version", required_argument, NULL, 'v'},
		{"build", required_argument, NULL, 'b'},
		{"security-version", required_argument, NULL, 's'},
		{"load", required_argument, NULL, OPT_LOAD},
		{"entry", required_argument, NULL, OPT_ENTRY},
		{"abi", required_argument, NULL, OPT_ABI},
		{"hw", required_argument, NULL, OPT_HW},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int has_entry = 0;
	int c;

	while ((c = getopt_long(argc, argv, "k:p:o:v:b:s:h", long_options, NULL)) != -1) {
		switch (c) {
		case 'k':
			o->key = optarg;
			break;
		case 'p':
			o->public_key = optarg;
			break;
		case 'o':
			o->output = optarg;
			break;
		case 'v':
			if (parse_version(optarg, &o->version))
				return usage_error("--version is not of the form 1.2.3");
			break;
		case 'b':
			o->build = optarg;
			break;
		case 's':
			if (parse_u32(optarg, &o->security_version))
				return usage_error("--security-version is not a number");
			break;
		case OPT_LOAD:
			if (parse_u32(optarg, &o->load_addr))
				return usage_error("--load is not an address");
			break;
		case OPT_ENTRY:
			if (parse_u32(optarg, &o->entry))
				return usage_error("--entry is not an address");
			has_entry = 1;
			break;
		case OPT_ABI:
			if (parse_range(optarg, UINT16_MAX, &o->abi_min, &o->abi_max))
				return usage_error("--abi is not a range of versions");
			break;
		case OPT_HW:
			if (parse_range(optarg, UINT32_MAX, &o->hw_min, &o->hw_max))
				return usage_error("--hw is not a range of versions");
			break;
		case 'h':
			return -1;
		default:
			return usage_error("wrong option");
		}
	}
	if (!has_entry)
		o->entry = o->load_addr;
	return 0;
}

static int run(const char *command, const struct options *o, int args, char **arg)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *o, const char *path);
	} commands[] = {
		{"pack", command_pack},
		{"sign", command_sign},
		{"info", command_info},
		{"verify", command_verify},
	};

	if (!strcmp(command, "keygen"))
		return args ? usage_error("keygen takes no file") : command_keygen(o);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(command, commands[i].name))
			continue;
		return args == 1 ? commands[i].run(o, arg[0]) : usage_error("one file is needed");
	}
	return usage_error("unknown command");
}

int main(int argc, char **argv)
{
	struct options o = {
		.build = "",
		.load_addr = SL200_MCU_TCM_BASE,
		.abi_min = SL200_FW_ABI,
		.abi_max = SL200_FW_ABI,
		.hw_min = SL200_TOP_HW_VERSION_RESET_VALUE,
		.hw_max = SL200_TOP_HW_VERSION_RESET_VALUE | SL200_TOP_HW_VERSION_MINOR,
	};
	int rc;

	if (sodium_init() < 0)
		return fail("libsodium does not start");
	rc = parse(argc, argv, &o);
	if (rc < 0) {
		fputs(usage, stdout);
		return fflush(stdout) ? 1 : 0;
	}
	if (rc)
		return rc;
	if (optind >= argc)
		return usage_error("a command is needed");
	return run(argv[optind], &o, argc - optind - 1, argv + optind + 1);
}
