/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A data plane on two ring ports, without threads: the test feeds frames, turns the workers by hand
 * and looks at what comes out.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/captures.h"
#include "session/interfaces.h"
#include "session/sessions.h"
#include "worker/worker.h"

#define FRAME_MAX 2048U
#define EVENTS_KEPT 64U
#define RING_SLOTS 64U
#define CAPTURE_FILE_BYTES (64U << 10)
/* Of the interfaces. */
#define INSIDE_DSCP 10
#define OUTSIDE_DSCP 46

struct frame {
	uint32_t length;
	uint8_t bytes[FRAME_MAX];
};

struct fixture {
	unsigned worker_count;
	uint16_t vlan;                   /* that outside is in; 0: none */
	struct rte_ring *in[2], *out[2]; /* of interface 0 "inside" and 1 "outside" */
	struct port *port[2];
	struct interfaces interfaces;
	struct worker *worker[2];
	char capture_path[32]; /* a directory of its own */
	struct capture_directory directory;
	struct captures *captures; /* whose writer is turned by hand */
	struct sessions *sessions;
	unsigned event_count;
	struct sluice_event event[EVENTS_KEPT];
};

/* Starts EAL once; for cmocka_run_group_tests(). */
int group_setup(void **state);

/*
 * A fixture with 1 worker, or with 2. inside has 192.0.2.1 and 2001:db8::1, outside 198.51.100.1;
 * media ports 20000-20019 each. A machine that stalls changes nothing: the steady clock of the main
 * thread goes only as the test lets it (../clock.h), and the workers' a hundred times slower than
 * the machine's.
 */
int one_worker(void **state);
int two_workers(void **state);
/* One worker, and outside is in VLAN 7, sent with priority 5. */
int one_worker_vlan(void **state);
/* One worker, whose clock is the machine's. */
int one_worker_in_real_time(void **state);
int teardown(void **state);

/* An address of a peer or of ours. */
struct sluice_addr addr4(const char *ip, uint16_t port);
struct sluice_addr addr6(const char *ip, uint16_t port);

/* Opens session id, leg 0 inside (family 4 or 6), leg 1 outside. */
struct sluice_open_reply opened(struct fixture *fixture, uint64_t id, uint8_t family);

/* A plain leg in both directions to remote, RTCP muxed. Further fields are the caller's to change.
 */
struct sluice_set plain_leg(uint64_t id, uint8_t leg, const struct sluice_addr *remote);
void set(struct fixture *fixture, const struct sluice_set *request);

/* A session between two plain peers: 192.0.2.10:4000 inside, 198.51.100.10:5000 outside. */
struct sluice_open_reply plain_session(struct fixture *fixture, uint64_t id);
extern const char *const inside_peer, *const outside_peer;

/* An Ethernet frame of UDP; payload may be NULL (zeros). */
struct frame udp_frame(const struct fixture *fixture, unsigned interface,
		       const struct sluice_addr *from, const struct sluice_addr *to,
		       const uint8_t *payload, uint32_t length);

/* An empty packet buffer of the ports' pool; given to a ring of the fixture it comes back. */
struct rte_mbuf *packet_buffer(void);

/* The same with a frame in it. */
struct rte_mbuf *frame_buffer(const struct frame *frame);
/* Gives a frame to an interface. */
void put(struct fixture *fixture, unsigned interface, const struct frame *frame);

/* Gives frames to an interface and turns the workers until they have nothing to do. */
void feed(struct fixture *fixture, unsigned interface, const struct frame *frames, unsigned n);
void turn(struct fixture *fixture);

/* Takes a frame that was sent there. False when there is none. */
bool sent(struct fixture *fixture, unsigned interface, struct frame *frame);

/* Fails unless IP and UDP headers are what the RFCs ask for: lengths, checksums. */
void assert_frame_right(const struct frame *frame);
/* The UDP payload of a frame. */
const uint8_t *payload_of(const struct frame *frame, uint32_t *length);

/* An RTP packet of 12 bytes and a payload of length - 12. */
void rtp_make(uint8_t *packet, uint32_t length, uint16_t sequence, uint32_t ssrc);

uint64_t dropped(const struct fixture *fixture, enum sluice_drop drop); /* by all workers */
uint64_t leg_dropped(struct fixture *fixture, uint64_t id, unsigned leg, enum sluice_drop drop);
