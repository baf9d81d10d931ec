/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/engine.h"

/* Suites by the numbers of enum sluice_suite; key and salt in bytes (RFC 4568 6.2, RFC 6188,
 * RFC 7714). */
static const struct micro_suite suites[] = {
    {"AES_CM_128_HMAC_SHA1_80", 1, 16, 14, 0}, {"AES_CM_128_HMAC_SHA1_32", 2, 16, 14, 0},
    {"AES_192_CM_HMAC_SHA1_80", 3, 24, 14, 0}, {"AES_192_CM_HMAC_SHA1_32", 4, 24, 14, 0},
    {"AES_256_CM_HMAC_SHA1_80", 5, 32, 14, 0}, {"AES_256_CM_HMAC_SHA1_32", 6, 32, 14, 0},
    {"AEAD_AES_128_GCM", 7, 16, 12, 1},        {"AEAD_AES_256_GCM", 8, 32, 12, 1},
};
#define SUITE_COUNT (sizeof(suites) / sizeof(suites[0]))
static_assert(SUITE_COUNT <= ARGUMENTS_LIST_MAX, "all suites fit");

static const struct option names[] = {
    {"suite", required_argument, NULL, 's'},
    {"kind", required_argument, NULL, 'k'},
    {"payload", required_argument, NULL, 'p'},
    {"streams", required_argument, NULL, 'n'},
    {"burst", required_argument, NULL, 'b'},
    {"rounds", required_argument, NULL, 'r'},
    {"round-ms", required_argument, NULL, 't'},
    {"warm-ms", required_argument, NULL, 'w'},
    {"cpu", required_argument, NULL, 'c'},
    {"subjects", required_argument, NULL, 'e'},
    {"libsrtp-streams", required_argument, NULL, 'l'},
    {"huge", no_argument, NULL, 'H'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void usage(FILE *to)
{
	fputs("usage: sluice-bench-micro [--suite A,B] [--kind srtp,srtcp] [--payload N,N]\n"
	      "       [--streams N,N] [--burst N,N] [--rounds N] [--round-ms N] [--warm-ms N]\n"
	      "       [--cpu N] [--huge]\n"
	      "       [--subjects roofline,ipsec_mb,libsrtp2,libsrtp,ipsec_mb_80]\n"
	      "       [--libsrtp-streams N]\n"
	      "One line of JSON a measurement on standard output; bench/run micro makes sense of "
	      "them.\n",
	      to);
}

const struct micro_suite *options_product(void)
{
	return &suites[0];
}

static int suite_add(struct options *options, const char *name)
{
	for (size_t i = 0; i < SUITE_COUNT; i++) {
		if (strcmp(suites[i].name, name) != 0)
			continue;
		if (options->suite_count == ARGUMENTS_LIST_MAX)
			return -EINVAL;
		options->suite[options->suite_count++] = &suites[i];
		return 0;
	}
	fprintf(stderr, "sluice-bench-micro: no suite '%s'; there are:\n", name);
	for (size_t i = 0; i < SUITE_COUNT; i++)
		fprintf(stderr, "  %s\n", suites[i].name);
	return -EINVAL;
}

static int suites_parse(struct options *options, char *text)
{
	char *rest;

	options->suite_count = 0;
	for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
		if (suite_add(options, word) < 0)
			return -EINVAL;
	return options->suite_count > 0 ? 0 : -EINVAL;
}

static int kinds_parse(struct options *options, char *text)
{
	static const char *const known[] = {"srtp", "srtcp"};
	uint32_t bits;

	if (arguments_words(&bits, "kind", text, known, 2) < 0)
		return -EINVAL;
	options->kind.count = 0;
	for (uint32_t kind = BATCH_SRTP; kind <= BATCH_SRTCP; kind++)
		if (bits & 1U << kind)
			options->kind.value[options->kind.count++] = kind;
	return 0;
}

static int option_take(void *user, int option, char *text)
{
	static const char *const subjects[] = {"roofline", "ipsec_mb", "libsrtp2", "libsrtp",
					       "ipsec_mb_80"};
	struct options *options = user;

	switch (option) {
	case 's':
		return suites_parse(options, text);
	case 'k':
		return kinds_parse(options, text);
	case 'p':
		return arguments_numbers(&options->payload, text, 4, 1400);
	case 'n':
		return arguments_numbers(&options->streams, text, 1, 1000000);
	case 'b':
		return arguments_numbers(&options->burst, text, 1, CRYPTO_BURST_MAX);
	case 'r':
		return arguments_number(&options->rounds, text, 1, 1000);
	case 't':
		return arguments_number(&options->round_ms, text, 1, 10000);
	case 'w':
		return arguments_number(&options->warm_ms, text, 0, 10000);
	case 'c':
		return arguments_cpu(&options->cpu, text);
	case 'e':
		return arguments_words(&options->subjects, "subject", text, subjects, 5);
	case 'l':
		return arguments_number(&options->libsrtp_streams, text, 1,
					subject_libsrtp.streams_max);
	case 'H':
		options->huge = 1;
		return 0;
	default:
		return -EINVAL;
	}
}

static void defaults(struct options *options)
{
	*options = (struct options){
	    .kind = {2, {BATCH_SRTP, BATCH_SRTCP}},
	    .payload = {5, {20, 80, 160, 320, 1200}},
	    .streams = {4, {1, 1000, 10000, 100000}},
	    .burst = {4, {64, 32, 8, 1}},
	    .rounds = 5,
	    .round_ms = 15,
	    .warm_ms = 80,
	    .cpu = -1,
	    .libsrtp_streams = 1000,
	    .subjects = 31,
	};
	for (size_t i = 0; i < SUITE_COUNT; i++)
		options->suite[options->suite_count++] = &suites[i];
}

int options_parse(struct options *options, int argc, char **argv)
{
	static const struct arguments_program program = {names, usage, NULL, option_take};

	defaults(options);
	return arguments_take(&program, options, argc, argv);
}
