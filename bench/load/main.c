/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice-bench-load: sends the streams of a plan through a relay at a given rate, and checks every
 * packet that comes back. Commands on standard input, one line of JSON for each on standard output:
 *
 *   run RATE_PPS SECONDS
 *
 * Streams go on from one run to the next: sequence numbers, roll-over counters, replay windows.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire.h"

#define NS UINT64_C(1000000000)
#define RATE_MAX 10000000.0
#define SECONDS_MAX 3600.0
/*
 * A relay whose queues fill up keeps every packet for a while. What comes later than this after the
 * last packet was sent does not count: at a rate that can be kept up the queues are short.
 */
#define GRACE_NS (NS / 50)
#define QUIET_NS (NS / 4)      /* nothing came for so long: the queues are empty */
#define DRAIN_MAX_NS (10 * NS) /* after the last packet sent */

struct options {
	const char *plan;
	const char *device;
	uint8_t to[FRAME_MAC];
	uint32_t payload_bytes;
	int core;
};

struct load {
	struct options options;
	struct plan plan;
	struct wire *wire;
	struct sender *sender;
	struct receiver *receiver;
	struct sender_frame out[SENDER_BURST];
	struct receiver_frame in[RECEIVER_BURST];
};

struct run {
	double rate_pps;
	uint64_t packets;  /* to send */
	uint64_t good_all; /* the receiver's count when all have come */
	uint64_t sent;
	uint64_t refused; /* the device was full */
	uint64_t start_ns;
	uint64_t end_ns; /* the last was sent */
	uint64_t heard_ns;
	struct receiver_counts in_time; /* at the end of the grace */
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS + (uint64_t)now.tv_nsec;
}

static void receive(struct load *load, struct run *run)
{
	uint32_t n = wire_receive(load->wire, load->in, RECEIVER_BURST);

	if (n == 0)
		return;
	run->heard_ns = now_ns();
	receiver_take(load->receiver, load->in, n);
}

/* Packets that should have been sent by now. */
static uint64_t due(const struct run *run)
{
	double elapsed_s = (double)(now_ns() - run->start_ns) / (double)NS;
	uint64_t count = (uint64_t)(elapsed_s * run->rate_pps);

	return count < run->packets ? count : run->packets;
}

static int send_due(struct load *load, struct run *run)
{
	uint64_t wanted = due(run) - run->sent;
	uint32_t n = wanted < SENDER_BURST ? (uint32_t)wanted : SENDER_BURST;
	int result;

	if (n == 0)
		return 0;
	result = sender_next(load->sender, load->out, n);
	if (result < 0)
		return result;
	run->refused += n - wire_send(load->wire, load->out, n);
	run->sent += n;
	return 0;
}

static int run_all(struct load *load, struct run *run)
{
	run->start_ns = run->heard_ns = now_ns();
	while (run->sent < run->packets) {
		int result = send_due(load, run);

		if (result < 0)
			return result;
		receive(load, run);
	}
	run->end_ns = now_ns();
	while (now_ns() - run->end_ns < GRACE_NS)
		receive(load, run);
	run->in_time = *receiver_counts(load->receiver);
	while (receiver_counts(load->receiver)->good < run->good_all &&
	       now_ns() - run->end_ns < DRAIN_MAX_NS && now_ns() - run->heard_ns < QUIET_NS)
		receive(load, run);
	return 0;
}

static void report(const struct load *load, const struct run *run,
		   const struct receiver_counts *before)
{
	const struct receiver_counts *now = receiver_counts(load->receiver);

	printf("{\"sent\": %lu, \"refused\": %lu, \"good\": %lu, \"late\": %lu, \"repeated\": %lu, "
	       "\"forged\": %lu, \"damaged\": %lu, \"stray\": %lu, \"other\": %lu, "
	       "\"reordered\": %lu, \"missed\": %lu, \"send_s\": %.6f}\n",
	       run->sent, run->refused, run->in_time.good - before->good,
	       now->good - run->in_time.good, now->repeated - before->repeated,
	       now->forged - before->forged, now->damaged - before->damaged,
	       now->stray - before->stray, now->other - before->other,
	       now->reordered - before->reordered, wire_missed(load->wire),
	       (double)(run->end_ns - run->start_ns) / (double)NS);
	fflush(stdout);
}

static int command(struct load *load, const char *line)
{
	struct run run = {0};
	struct receiver_counts before = *receiver_counts(load->receiver);
	double seconds;
	int result;

	if (sscanf(line, "run %lf %lf", &run.rate_pps, &seconds) != 2 || run.rate_pps < 1 ||
	    run.rate_pps > RATE_MAX || seconds <= 0 || seconds > SECONDS_MAX) {
		fprintf(stderr, "load: not 'run RATE_PPS SECONDS' within bounds: %s", line);
		return -EINVAL;
	}
	run.packets = (uint64_t)(run.rate_pps * seconds);
	run.good_all = before.good + run.packets;
	result = run_all(load, &run);
	if (result == 0)
		report(load, &run, &before);
	return result;
}

static int commands(struct load *load)
{
	char line[128];
	int result = 0;

	printf("{\"ready\": true, \"streams\": %u}\n", load->plan.count);
	fflush(stdout);
	while (result == 0 && fgets(line, sizeof(line), stdin))
		result = command(load, line);
	return result;
}

static int pin(int core)
{
	cpu_set_t set;

	if (core < 0)
		return 0;
	CPU_ZERO(&set);
	CPU_SET((unsigned)core, &set);
	return sched_setaffinity(0, sizeof(set), &set) < 0 ? -errno : 0;
}

static int open_all(struct load *load, char *error, size_t size)
{
	struct sender_options options = {
	    .payload_bytes = load->options.payload_bytes, .sequence_first = 1, .sequence_step = 1};
	int result = plan_read(&load->plan, load->options.plan, error, size);

	if (result < 0)
		return result;
	result = wire_open(&load->wire, load->options.device, error, size);
	if (result < 0)
		return result;
	memcpy(options.link.source, wire_mac(load->wire), FRAME_MAC);
	memcpy(options.link.destination, load->options.to, FRAME_MAC);
	result = pin(load->options.core);
	if (result == 0)
		result = sender_new(&load->sender, &load->plan, &options);
	if (result == 0)
		result = receiver_new(&load->receiver, &load->plan, options.payload_bytes);
	if (result < 0)
		snprintf(error, size, "%s", strerror(-result));
	return result;
}

static void close_all(struct load *load)
{
	receiver_free(load->receiver);
	sender_free(load->sender);
	wire_close(load->wire);
	plan_free(&load->plan);
}

static const struct option names[] = {
    {"plan", required_argument, NULL, 'p'}, {"device", required_argument, NULL, 'd'},
    {"to", required_argument, NULL, 't'},   {"payload", required_argument, NULL, 'b'},
    {"core", required_argument, NULL, 'c'}, {0},
};

static int parse(struct options *options, int argc, char **argv)
{
	bool has_mac = false;
	int option;

	*options = (struct options){.payload_bytes = 160, .core = -1};
	while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0) {
		if (option == 'p')
			options->plan = optarg;
		else if (option == 'd')
			options->device = optarg;
		else if (option == 't')
			has_mac = frame_mac_parse(options->to, optarg) == 0;
		else if (option == 'b')
			options->payload_bytes = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'c')
			options->core = atoi(optarg);
		else
			return -EINVAL;
	}
	if (!options->plan || !options->device || !has_mac || optind != argc ||
	    options->payload_bytes < FRAME_PAYLOAD_MIN ||
	    options->payload_bytes > FRAME_PAYLOAD_MAX)
		return -EINVAL;
	return 0;
}

int main(int argc, char **argv)
{
	struct load *load = calloc(1, sizeof(*load));
	char error[160] = "";
	int result;

	if (!load)
		return 1;
	if (parse(&load->options, argc, argv) < 0) {
		fputs("usage: sluice-bench-load --plan FILE --device NAME --to MAC\n"
		      "       [--payload BYTES] [--core N]\n",
		      stderr);
		free(load);
		return 2;
	}
	result = open_all(load, error, sizeof(error));
	if (result < 0)
		fprintf(stderr, "load: %s\n", error);
	else
		result = commands(load);
	close_all(load);
	free(load);
	return result < 0 ? 1 : 0;
}
