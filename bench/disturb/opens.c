/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens calls in a running data plane at a steady rate, through its socket and as the control plane
 * does: OPEN, SET of both legs with keys, and CLOSE of one that was opened some time before. No
 * packets. Meanwhile it asks once a second how busy the workers are, and prints both as JSON.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "../common/arguments.h"
#include "sluice_client.h"

#define DEPTH 40U     /* calls that live, of those opened */
#define ASKED_MAX 64U /* requests without an answer yet */
#define NAP_NS 1000000L
#define ANSWER_MS 2000
#define STATUS_EVERY_S 1.0

struct options {
	const char *socket, *interface;
	uint32_t opens_per_s, seconds;
};

struct opens {
	struct options options;
	struct sluice_client *client;
	uint64_t first;          /* session id */
	uint64_t opened, closed; /* asked for */
	unsigned asked;
	uint64_t refused; /* requests */
	double next_status_s;
	uint64_t busy_permille, busy_samples;
};

static int options_parse(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {{"media-socket", required_argument, NULL, 's'},
					      {"interface", required_argument, NULL, 'i'},
					      {"opens", required_argument, NULL, 'o'},
					      {"seconds", required_argument, NULL, 't'},
					      {0}};
	int option, rc = 0;

	*options = (struct options){SLUICE_MEDIA_SOCKET, NULL, 2000, 10};
	while (!rc && (option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == 's')
			options->socket = optarg;
		else if (option == 'i')
			options->interface = optarg;
		else if (option == 'o')
			rc = arguments_number(&options->opens_per_s, optarg, 0, 100000);
		else if (option == 't')
			rc = arguments_number(&options->seconds, optarg, 1, 86400);
		else
			rc = -EINVAL;
	}
	if (!rc && optind == argc && options->interface)
		return 0;
	fprintf(stderr, "usage: sluice-bench-opens --interface NAME [--media-socket PATH] "
			"[--opens N] [--seconds N]\n");
	return -EINVAL;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- answers ---- */

static void status_note(struct opens *opens, const struct sluice_frame *frame)
{
	struct sluice_status status;

	memcpy(&status, frame->body, sizeof(status));
	for (uint32_t i = 0; i < status.workers; i++)
		opens->busy_permille += status.worker[i].busy_permille;
	opens->busy_samples++;
}

/* Takes what is there. Returns 0 or -errno. */
static int answers_take(struct opens *opens)
{
	static struct sluice_frame frame;
	int rc;

	while (!(rc = sluice_client_receive(opens->client, &frame))) {
		if (frame.header.type == SLUICE_EVENT)
			continue;
		opens->asked--;
		if (frame.header.status)
			opens->refused++;
		else if (frame.header.type == SLUICE_STATUS)
			status_note(opens, &frame);
	}
	return rc == -EAGAIN ? 0 : rc;
}

static int answers_wait(struct opens *opens, unsigned most)
{
	struct pollfd poll_fd = {.fd = sluice_client_fd(opens->client), .events = POLLIN};
	int rc = answers_take(opens);

	while (!rc && opens->asked > most) {
		if (poll(&poll_fd, 1, ANSWER_MS) <= 0)
			return -ETIMEDOUT;
		rc = answers_take(opens);
	}
	return rc;
}

static int ask(struct opens *opens, enum sluice_type type, const void *body, size_t length)
{
	int rc = answers_wait(opens, ASKED_MAX - 1);

	rc = rc ? rc : sluice_client_send(opens->client, type, body, length, NULL);
	if (rc ==
	    -EAGAIN) { /* the socket is full: nothing is under way that would make it longer */
		rc = answers_wait(opens, 0);
		rc = rc ? rc : sluice_client_send(opens->client, type, body, length, NULL);
	}
	opens->asked += rc == 0;
	return rc;
}

/* ---- calls ---- */

static int key_draw(struct sluice_key *key)
{
	*key = (struct sluice_key){.suite = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, .key_len = 30};
	return getrandom(key->key, key->key_len, 0) == key->key_len ? 0 : -EIO;
}

static int leg_set(struct opens *opens, uint64_t id, unsigned leg)
{
	struct sluice_set set = {.session = id,
				 .leg = (uint8_t)leg,
				 .direction = SLUICE_DIR_RX | SLUICE_DIR_TX,
				 .mask = SLUICE_SET_REMOTE | SLUICE_SET_RX_KEY | SLUICE_SET_TX_KEY |
					 SLUICE_SET_DIRECTION | SLUICE_SET_LATCH | SLUICE_SET_RATE,
				 .rate_pps = 150,
				 .rtcp_mux = 1,
				 .remote_rtp = {.family = 4,
						.port = (uint16_t)(20000 + 2 * (id % 10000)),
						.ip = {198, 19, 255, 1}}};
	int rc = leg ? key_draw(&set.rx[0]) : 0;

	rc = !rc && leg ? key_draw(&set.tx) : rc;
	rc = rc ? rc : ask(opens, SLUICE_SET, &set, sizeof(set));
	explicit_bzero(&set, sizeof(set));
	return rc;
}

static int call_open(struct opens *opens)
{
	struct sluice_open open = {.session = opens->first + opens->opened,
				   .leg = {{.family = 4}, {.family = 4}}};
	int rc;

	for (unsigned leg = 0; leg < 2; leg++)
		snprintf(open.leg[leg].interface, sizeof(open.leg[leg].interface), "%s",
			 opens->options.interface);
	rc = ask(opens, SLUICE_OPEN, &open, sizeof(open));
	opens->opened += rc == 0;
	rc = rc ? rc : leg_set(opens, open.session, 0);
	return rc ? rc : leg_set(opens, open.session, 1);
}

static int call_close(struct opens *opens)
{
	struct sluice_session close = {.session = opens->first + opens->closed++};

	return ask(opens, SLUICE_CLOSE, &close, sizeof(close));
}

/* ---- a run ---- */

static int turn(struct opens *opens, double elapsed_s)
{
	uint64_t due = (uint64_t)(elapsed_s * opens->options.opens_per_s);
	int rc = 0;

	while (!rc && opens->opened < due) {
		rc = call_open(opens);
		if (!rc && opens->opened - opens->closed > DEPTH)
			rc = call_close(opens);
	}
	/* the first says nothing yet: it is of the second before */
	if (!rc && elapsed_s >= opens->next_status_s) {
		opens->next_status_s += STATUS_EVERY_S;
		rc = ask(opens, SLUICE_STATUS, NULL, 0);
	}
	return rc ? rc : answers_take(opens);
}

static int run(struct opens *opens)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};
	double start_s = now_s(), elapsed_s = 0;
	int rc = 0;

	opens->next_status_s = 1.5 * STATUS_EVERY_S;
	while (!rc && elapsed_s < opens->options.seconds) {
		nanosleep(&nap, NULL);
		elapsed_s = now_s() - start_s;
		rc = turn(opens, elapsed_s);
	}
	while (!rc && opens->closed < opens->opened)
		rc = call_close(opens);
	rc = rc ? rc : answers_wait(opens, 0);
	if (rc)
		return rc;
	printf("{\"seconds\": %.3f, \"opened\": %lu, \"closed\": %lu, \"refused\": %lu, "
	       "\"busy_permille\": %.2f}\n",
	       elapsed_s, opens->opened, opens->closed, opens->refused,
	       opens->busy_samples ? (double)opens->busy_permille / (double)opens->busy_samples
				   : 0);
	return opens->refused ? -EPROTO : 0;
}

int main(int argc, char **argv)
{
	static struct opens opens;
	int rc;

	if (options_parse(&opens.options, argc, argv))
		return 2;
	rc = sluice_client_connect(&opens.client, opens.options.socket, "sluice-bench-opens", NULL,
				   ANSWER_MS);
	if (!rc && getrandom(&opens.first, sizeof(opens.first), 0) < 0)
		rc = -EIO;
	opens.first = opens.first >> 1 | 1U; /* not those of others */
	rc = rc ? rc : run(&opens);
	sluice_client_close(opens.client);
	if (rc)
		fprintf(stderr, "opens: %s\n", strerror(-rc));
	return rc ? 1 : 0;
}
