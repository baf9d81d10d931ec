/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>

#include "receive.h"

/* Packets a leg that are there at once when they are made while others are sent. */
#define TAPE_LEAST 4096U
/* Packets that are made in a turn in which there is nothing else to do. */
#define IDLE_BURST 16U
/* Packets that wait for their proof meanwhile. */
#define PROOFS_LEAST 4096U

const char *traffic_fault_name(enum traffic_fault fault)
{
	static const char *const names[] = {
#define TRAFFIC_FAULT_NAME(symbol, name) [TRAFFIC_##symbol] = name,
	    TRAFFIC_FAULTS(TRAFFIC_FAULT_NAME)
#undef TRAFFIC_FAULT_NAME
	};

	return names[fault];
}

/* ---- before and after ---- */

/* Packets a second in all; 0: no limit. In real time each stream has one in a period. */
static double rate_of(const struct traffic *traffic)
{
	const struct options *options = traffic->options;

	if (options->as_fast_as_can)
		return 0;
	if (options->pps)
		return options->pps;
	return 2.0 * traffic->phones->count * 1e6 / options->period_us;
}

/* Packets that a leg ever sends. As fast as can be, what was made ahead is all that there is:
 * whoever asks how fast that is does not want to know how fast we encrypt. */
static uint64_t limit_of(const struct options *options, double rate)
{
	if (rate > 0)
		return (uint64_t)(rate / 2.0 * options->seconds) + 1;
	return options->ahead ? options->ahead / 2U + 1U : UINT64_MAX;
}

/* When a tape holds the whole run nothing is made or decrypted while it runs. */
static bool is_made_ahead(const struct tape *tape)
{
	return tape->limit <= tape->slots;
}

static int tape_fill(struct tape *tape)
{
	int made;

	do
		made = tape_make(tape, WIRE_BURST);
	while (made > 0);
	return made;
}

static uint32_t proofs_wanted(const struct traffic *traffic)
{
	const struct tape *tape = &traffic->tape[0];

	if (traffic->options->verify_every == 1)
		return 1;
	return is_made_ahead(tape)
		   ? (uint32_t)(2U * tape->limit / traffic->options->verify_every + WIRE_BURST)
		   : PROOFS_LEAST;
}

static int memory_take(struct traffic *traffic, double rate)
{
	uint32_t slots = traffic->options->ahead / 2U + 1U;
	uint64_t limit = limit_of(traffic->options, rate);
	int rc = 0;

	slots = slots > TAPE_LEAST ? slots : TAPE_LEAST;
	for (unsigned leg = 0; leg < 2 && !rc; leg++) {
		rc = tape_open(&traffic->tape[leg], traffic->phones, traffic->wire, leg, slots,
			       limit);
		rc = rc ? rc : tape_fill(&traffic->tape[leg]);
	}
	rc = rc ? rc
		: windows_open(&traffic->windows, traffic->options->seconds, traffic->tsc_per_ns);
	return rc ? rc : proof_open(&traffic->proof, traffic->phones, proofs_wanted(traffic));
}

int traffic_open(struct traffic *traffic, struct phones *phones, struct wire *wire)
{
	double rate;
	int rc;

	memset(traffic, 0, sizeof(*traffic));
	traffic->options = phones->options;
	traffic->phones = phones;
	traffic->wire = wire;
	traffic->tsc_per_ns = (double)rte_get_tsc_hz() / 1e9;
	rate = rate_of(traffic);
	if (rate > 0)
		traffic->pace.interval_tsc = traffic->tsc_per_ns * 1e9 / rate;
	rc = memory_take(traffic, rate);
	if (rc) {
		fprintf(stderr, "sluice-mediagen: packets cannot be made: %s\n", strerror(-rc));
		traffic_close(traffic);
	}
	return rc;
}

void traffic_close(struct traffic *traffic)
{
	for (unsigned leg = 0; leg < 2; leg++) {
		tape_close(&traffic->tape[leg]);
		if (traffic->waiting_count[leg])
			rte_pktmbuf_free_bulk(traffic->waiting[leg], traffic->waiting_count[leg]);
		traffic->waiting_count[leg] = 0;
	}
	proof_close(&traffic->proof);
	windows_close(&traffic->windows);
}

/* ---- sending ---- */

/* Gives the port what waits. Returns how many it took. */
static unsigned flush(struct traffic *traffic, unsigned leg)
{
	struct rte_mbuf **mbufs = traffic->waiting[leg];
	uint16_t n = traffic->waiting_count[leg], sent;

	if (!n)
		return 0;
	sent = port_tx_burst(traffic->wire->port[leg], 0, mbufs, n);
	memmove(mbufs, mbufs + sent, (size_t)(n - sent) * sizeof(*mbufs));
	traffic->waiting_count[leg] = (uint16_t)(n - sent);
	traffic->sent += sent;
	return sent;
}

/* Packets of the leg that are due and that the window lets pass. */
static unsigned burst_size(const struct traffic *traffic, unsigned leg, uint64_t now_tsc)
{
	const struct tape *tape = &traffic->tape[leg];
	uint64_t due = pace_due(&traffic->pace, leg, now_tsc);
	uint64_t under_way = traffic->tape[0].played + traffic->tape[1].played - traffic->received;
	uint32_t window = traffic->options->window;
	uint64_t n = due > tape->played ? due - tape->played : 0;

	if (window) {
		uint64_t room = window > under_way ? window - under_way : 0;

		n = n < room ? n : room;
	}
	return n < WIRE_BURST ? (unsigned)n : WIRE_BURST;
}

static void lateness_add(struct traffic *traffic, unsigned leg, unsigned n, uint64_t now_tsc)
{
	if (traffic->pace.interval_tsc <= 0)
		return;
	for (uint64_t k = traffic->tape[leg].played - n; k < traffic->tape[leg].played; k++)
		histogram_add(&traffic->lateness,
			      (uint64_t)((double)(now_tsc - pace_time(&traffic->pace, leg, k)) /
					 traffic->tsc_per_ns));
}

/* As many of n packets as are on the tape; when it is empty they are made now, late. */
static unsigned take(struct traffic *traffic, unsigned leg, unsigned n)
{
	struct tape *tape = &traffic->tape[leg];
	uint64_t ready = tape_ready(tape);

	if (ready == 0 && n > 0) {
		traffic->making_failed |= tape_make(tape, WIRE_BURST) < 0;
		ready = tape_ready(tape);
	}
	n = ready < n ? (unsigned)ready : n;
	/* all buffers may be under way: the next turn is soon */
	if (!n || rte_pktmbuf_alloc_bulk(traffic->wire->pool, traffic->waiting[leg], n))
		return 0;
	tape_play(tape, traffic->waiting[leg], n);
	traffic->waiting_count[leg] = (uint16_t)n;
	return n;
}

/* Returns how many packets it had to do with. */
static unsigned send_turn(struct traffic *traffic, unsigned leg, uint64_t now_tsc)
{
	unsigned n = flush(traffic, leg);

	if (traffic->waiting_count[leg])
		return n;
	n = take(traffic, leg, burst_size(traffic, leg, now_tsc));
	if (!n)
		return 0;
	lateness_add(traffic, leg, n, now_tsc);
	traffic->held_back += n - flush(traffic, leg);
	return n;
}

const struct rte_mbuf *traffic_first(struct traffic *traffic, unsigned leg, struct stream **stream)
{
	*stream = &traffic->phones->stream[leg][traffic->tape[leg].order[0]];
	return take(traffic, leg, 1) ? traffic->waiting[leg][0] : NULL;
}

uint16_t traffic_sequence(const struct traffic *traffic, const struct stream *stream)
{
	uint64_t played = traffic->tape[stream->leg].played + traffic->phones->count - 1;

	return (uint16_t)(stream->number + (played - stream->place) / traffic->phones->count);
}

/* ---- turns ---- */

double traffic_seconds(const struct traffic *traffic, uint64_t from_tsc, uint64_t to_tsc)
{
	return (double)(to_tsc - from_tsc) / (traffic->tsc_per_ns * 1e9);
}

void traffic_start(struct traffic *traffic, uint64_t now_tsc)
{
	traffic->pace.start_tsc = now_tsc;
}

/* What can wait, in a turn without packets. */
static void idle_turn(struct traffic *traffic, unsigned leg)
{
	if (is_made_ahead(&traffic->tape[leg]))
		return;
	traffic->making_failed |= tape_make(&traffic->tape[leg], IDLE_BURST) < 0;
	if (traffic->proof.put - traffic->proof.done >= WIRE_BURST)
		receive_prove(traffic);
}

void traffic_turn(struct traffic *traffic, uint64_t now_tsc)
{
	unsigned leg = traffic->leg;
	unsigned done = send_turn(traffic, leg, now_tsc);

	done += receive_turn(traffic);
	if (!done)
		idle_turn(traffic, leg);
	traffic->leg = 1 - leg;
	traffic->seconds = traffic_seconds(traffic, traffic->pace.start_tsc, now_tsc);
}

bool traffic_is_over(const struct traffic *traffic)
{
	const struct tape *tape = traffic->tape;

	return traffic->making_failed || traffic->seconds >= traffic->options->seconds ||
	       (traffic->options->as_fast_as_can && tape[0].played == tape[0].limit &&
		tape[1].played == tape[1].limit);
}

void traffic_drain(struct traffic *traffic)
{
	flush(traffic, 0);
	flush(traffic, 1);
	receive_turn(traffic);
}

void traffic_prove(struct traffic *traffic)
{
	while (traffic->proof.done < traffic->proof.put)
		receive_prove(traffic);
}

void traffic_mirror(const struct options *options, struct wire *wire, const volatile int *stop)
{
	struct rte_mbuf *mbufs[WIRE_BURST];

	if (options->realtime && core_take())
		fprintf(stderr, "sluice-mediagen: mirror: no real-time priority is allowed\n");
	while (!*stop) {
		uint16_t n = port_rx_burst(wire->port[0], 0, mbufs, WIRE_BURST), sent;

		if (!n)
			continue;
		sent = port_tx_burst(wire->port[0], 0, mbufs, n);
		if (sent < n)
			rte_pktmbuf_free_bulk(mbufs + sent, (unsigned)(n - sent));
	}
}
