/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice-pktgen: what stands between Pktgen-DPDK and a sluice-dataplane. Installs calls, writes
 * pcap files of their packets, checks captures of what the relay sent. docs/pktgen.md shows how.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../streams/receiver.h"
#include "../streams/sender.h"
#include "options.h"
#include "pcap.h"

#define PACKET_US 20U /* between two packets of a pcap file, for those who look at it */

static int fail(const char *what, int err)
{
	fprintf(stderr, "sluice-pktgen: %s: %s\n", what, strerror(-err));
	return err;
}

static int missing(const char *option)
{
	fprintf(stderr, "sluice-pktgen: %s is missing\n", option);
	return -EINVAL;
}

/* A new file that only its owner may read: there are keys in it. */
static FILE *private_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *file;

	if (fd < 0)
		return NULL;
	file = fchmod(fd, 0600) == 0 ? fdopen(fd, "w") : NULL;
	if (!file)
		close(fd);
	return file;
}

static int connect_to(struct sluice_client **client, const struct options *options)
{
	int result = sluice_client_connect(client, options->socket, "sluice-pktgen", NULL, 3000);

	return result < 0 ? fail(options->socket, result) : 0;
}

/* ---- install ---- */

static int install_all(struct sluice_client *client, const struct options *options, FILE *there,
		       FILE *back)
{
	for (uint32_t i = 0; i < options->calls.count; i++) {
		struct calls_call call;
		int result = calls_install(client, &options->calls, i, &call);

		if (result < 0) {
			fprintf(stderr, "sluice-pktgen: call %u: %s\n", i + 1, strerror(-result));
			return result;
		}
		plan_write(there, &call.there);
		if (back)
			plan_write(back, &call.back);
		explicit_bzero(&call, sizeof(call));
	}
	printf("%u calls installed\n", options->calls.count);
	return 0;
}

static int plans_open(const struct options *options, FILE **there, FILE **back)
{
	*there = private_file(options->plan);
	if (!*there)
		return fail(options->plan, -errno);
	if (!options->plan_back)
		return 0;
	*back = private_file(options->plan_back);
	return *back ? 0 : fail(options->plan_back, -errno);
}

static int file_close(FILE *file, const char *path)
{
	if (file && fclose(file) != 0)
		return fail(path, -errno);
	return 0;
}

static int install(const struct options *options)
{
	struct sluice_client *client = NULL;
	FILE *there = NULL;
	FILE *back = NULL;
	int result, closed;

	if (!options->plan)
		return missing("--plan");
	if (!options->has_peer[CALLS_A] || !options->has_peer[CALLS_B])
		return missing("--peer-a or --peer-b");
	result = plans_open(options, &there, &back);
	if (result == 0)
		result = connect_to(&client, options);
	if (result == 0)
		result = install_all(client, options, there, back);
	sluice_client_close(client);
	closed = file_close(there, options->plan);
	if (file_close(back, options->plan_back) < 0 || closed < 0)
		return -EIO;
	return result;
}

static int close_calls(const struct options *options)
{
	struct sluice_client *client;
	int result = connect_to(&client, options);

	if (result < 0)
		return result;
	result = calls_close(client, &options->calls);
	sluice_client_close(client);
	return result < 0 ? fail("close", result) : 0;
}

/* ---- pcap ---- */

static int plan_open(struct plan *plan, const struct options *options)
{
	char error[160];
	int result;

	if (!options->plan)
		return missing("--plan");
	if (!options->pcap)
		return missing("--pcap");
	result = plan_read(plan, options->plan, error, sizeof(error));
	if (result < 0)
		fprintf(stderr, "sluice-pktgen: %s: %s\n", options->plan, error);
	return result;
}

static int packets_write(FILE *file, struct sender *sender, uint64_t count)
{
	static struct sender_frame frames[SENDER_BURST];
	uint64_t time_us = 0;
	int result = pcap_begin(file);

	while (count > 0 && result == 0) {
		uint32_t n = count < SENDER_BURST ? (uint32_t)count : SENDER_BURST;

		result = sender_next(sender, frames, n);
		for (uint32_t i = 0; i < n && result == 0; i++, time_us += PACKET_US)
			result = pcap_add(file, frames[i].data, frames[i].length, time_us);
		count -= n;
	}
	return result;
}

static int pcap_make(const struct options *options, const struct plan *plan, uint64_t count)
{
	const struct sender_options sending = {
	    .link = options->link,
	    .payload_bytes = options->payload_bytes,
	    .sequence_first = (uint16_t)options->sequence_first,
	    .sequence_step = (uint16_t)options->sequence_step,
	};
	struct sender *sender;
	FILE *file;
	int result = sender_new(&sender, plan, &sending);

	if (result < 0)
		return fail("keys", result);
	file = fopen(options->pcap, "we");
	result = file ? packets_write(file, sender, count) : -errno;
	sender_free(sender);
	if (file && fclose(file) != 0 && result == 0)
		result = -errno;
	return result < 0 ? fail(options->pcap, result) : 0;
}

static int pcap_write(const struct options *options)
{
	struct plan plan;
	uint64_t count;
	int result;

	if (!options->has_source_mac || !options->has_destination_mac)
		return missing("--source-mac or --destination-mac");
	result = plan_open(&plan, options);
	if (result < 0)
		return result;
	count = (uint64_t)plan.count * options->packets;
	result = pcap_make(options, &plan, count);
	if (result == 0)
		printf("%lu packets of %u streams in %s\n", count, plan.count, options->pcap);
	plan_free(&plan);
	return result;
}

/* ---- check ---- */

static int packets_check(FILE *file, struct receiver *receiver)
{
	static struct receiver_frame frames[RECEIVER_BURST];
	int result = pcap_check(file);
	uint32_t n = 0;

	if (result < 0)
		return result;
	while ((result = pcap_next(file, frames[n].data, FRAME_MAX, &frames[n].length)) > 0) {
		if (++n < RECEIVER_BURST)
			continue;
		receiver_take(receiver, frames, n);
		n = 0;
	}
	receiver_take(receiver, frames, n);
	return result;
}

static int verdict(const struct receiver_counts *counts, uint64_t expect)
{
	uint64_t bad = counts->repeated + counts->forged + counts->damaged + counts->stray;

	printf("good %lu\nrepeated %lu\nforged %lu\ndamaged %lu\nstray %lu\nother %lu\n"
	       "reordered %lu\n",
	       counts->good, counts->repeated, counts->forged, counts->damaged, counts->stray,
	       counts->other, counts->reordered);
	if (expect > 0 && counts->good != expect)
		printf("lost %ld of %lu\n", (long)(expect - counts->good), expect);
	return bad > 0 || counts->good == 0 || (expect > 0 && counts->good != expect) ? -EBADMSG
										      : 0;
}

static int check(const struct options *options)
{
	struct plan plan;
	struct receiver *receiver = NULL;
	FILE *file;
	int result = plan_open(&plan, options);

	if (result < 0)
		return result;
	file = fopen(options->pcap, "re");
	result = file ? receiver_new(&receiver, &plan, options->payload_bytes) : -errno;
	if (result == 0)
		result = packets_check(file, receiver);
	if (result < 0)
		fail(options->pcap, result);
	else
		result = verdict(receiver_counts(receiver), options->expect);
	if (file)
		fclose(file);
	receiver_free(receiver);
	plan_free(&plan);
	return result;
}

/* ---- */

static const struct command {
	const char *name;
	int (*run)(const struct options *options);
} commands[] = {
    {"install", install}, {"pcap", pcap_write}, {"check", check}, {"close", close_calls}};

int main(int argc, char **argv)
{
	struct options options;
	int result;

	if (argc < 2 || strcmp(argv[1], "--help") == 0) {
		options_usage(argc < 2 ? stderr : stdout);
		return argc < 2 ? 2 : 0;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		result = options_parse(&options, argc - 1, argv + 1);
		if (result)
			return result < 0 ? 2 : 0;
		return commands[i].run(&options) < 0 ? 1 : 0;
	}
	fprintf(stderr, "sluice-pktgen: no command '%s'\n", argv[1]);
	options_usage(stderr);
	return 2;
}
