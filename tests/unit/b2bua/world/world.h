/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world for the b2bua: fake time, fake net, fake data plane, and phones that speak SIP as a test
 * tells them. Each peer of the configuration is one phone on one connection.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "b2bua/b2bua.h"
#include "sip/message.h"

enum phone_number { ALICE, BOB, CAROL, DAVE, PHONES };

/*
 *   alice 2001, bob 2002   TLS, secured, may be joined to less
 *   carol 2003             TCP, unsecured
 *   dave 2004              TLS, secured, may not be joined to less
 */
#define PHONE_INBOX 64U
#define PHONE_TEXT 8192U
#define MEDIA_CALLS 8U

struct phone_message {
	char text[PHONE_TEXT];
	size_t length;
	struct sip_message parsed;
};

struct phone {
	struct world *world;
	enum phone_number number;
	const char *name;
	uint64_t connection; /* 0: not connected */
	unsigned held;       /* by dialogs */
	bool alias;          /* it asked for reuse of its connection */
	bool behind;         /* more came by its connection than was read */
	bool taken[PHONE_INBOX];
	struct phone_message inbox[PHONE_INBOX];
	unsigned received;
	/* the dialog that it is in */
	char call_id[128], tag[64], remote_tag[64], target[256], branch[64];
	unsigned cseq, invite_cseq, serial;
	struct phone_message *request; /* the last from the relay */
	struct phone_message *invite;  /* the last INVITE from the relay */
	const char *headers;           /* lines in every message that it writes; NULL: none */
	char second_tag[64]; /* answers take this tag when it is not empty (another fork) */
};

struct fake_session {
	bool open, closed;
	uint64_t id;
	void *user;
	void (*opened)(void *user, int status, const struct sluice_addr local[2]);
	char interface[2][16];
	struct sluice_set leg[2]; /* all that was set, merged */
	unsigned sets[2];
	uint32_t last_mask[2];
};

enum world_large { LARGE_UNKNOWN, LARGE_BY_TCP, LARGE_REFUSED };

struct world {
	struct config config;
	struct b2bua *b2bua;
	uint64_t now_ms;
	int64_t armed_ms; /* absolute; -1: not */
	void (*due)(void *user);
	void *due_user;
	struct phone phone[PHONES];
	bool media_up;
	struct sluice_hello_reply
	    hello;            /* of the data plane: every suite unless a test says less */
	int media_status;     /* of the next opens */
	const char *full;     /* media interface that has no port for a callee; NULL: none */
	bool clear;           /* TLS is not encrypted: authenticated only */
	bool unreachable;     /* no new connections */
	bool no_reuse;        /* connections are not for requests of ours: net_flow_reusable() */
	bool refuses[PHONES]; /* this one takes none */
	bool connects_late;   /* not before world_connects() */
	struct {
		void (*ready)(void *user, int status, const struct sip_flow *flow,
			      const char *error);
		void *user;
		struct phone *phone;
	} waiting;
	enum world_large large; /* what net_flow_large() does */
	unsigned large_asked;
	unsigned credentials_wrong; /* how often net was told */
	unsigned more_targets;      /* of the peer that is called, besides the first */
	uint32_t target_failed_ms;  /* what was asked for, of the last that failed */
	struct fake_session session[MEDIA_CALLS];
	unsigned sessions;
	struct sluice_capture captured; /* the last that was asked for */
	int capture_status;             /* of the next answers */
	bool drained;
};

/* cmocka set-up and tear-down; the world is *state */
int world_setup(void **state);
/* With a configuration that prepare changes before the b2bua sees it. */
int world_setup_with(void **state, void (*prepare)(struct config *config));
/* For b2bua_drain(). */
void world_drained(void *user);
int world_teardown(void **state);
/* All calls go to these, in this order, by the only route: it may be changed. At most four. */
struct config_route *world_route(struct world *world, unsigned count,
				 const enum phone_number phones[]);
/* After world->config.routes, or what is in them, was changed. */
void world_routes_changed(struct world *world);
void world_advance(struct world *world, uint64_t ms);
void world_media_event(struct world *world, unsigned session, unsigned leg,
		       enum sluice_event_type type);
void world_media_lost(struct world *world, unsigned session);
void world_disconnect(struct world *world, enum phone_number number);
/* The connection that was asked for is there. */
void world_connects(struct world *world);
uint64_t world_counter(struct world *world, const char *name);
unsigned world_calls(struct world *world);
json_t *b2bua_call_list(const struct b2bua *b2bua); /* all calls, the caller's */

/* ---- what a phone does ---- */
extern const char sdp_srtp_alice[], sdp_srtp_bob[], sdp_rtp_alice[], sdp_rtp_carol[];
#define KEY_ALICE "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
#define KEY_BOB "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR"
#define KEY_OTHER "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"

/* sdp NULL: no body */
void phone_invites(struct world *world, enum phone_number number, const char *user,
		   const char *sdp);
void phone_invites_with(struct world *world, enum phone_number number, const char *user,
			const char *headers, const char *sdp);
/* In its dialog; headers: whole lines with CRLF or "". */
void phone_requests(struct world *world, enum phone_number number, const char *method,
		    const char *headers, const char *sdp);
void phone_acks(struct world *world, enum phone_number number, const char *sdp);
void phone_cancels(struct world *world, enum phone_number number);
/* Answers the last request of that method that the relay sent. */
void phone_answers(struct world *world, enum phone_number number, const char *method,
		   unsigned status, const char *sdp);
void phone_answers_with(struct world *world, enum phone_number number, const char *method,
			unsigned status, const char *headers, const char *sdp);
/* Bytes as they are, NUL and all. */
void phone_sends(struct world *world, enum phone_number number, const char *text, size_t length);
void phone_says(struct world *world, enum phone_number number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The next message that the phone has and was not asked for yet, of that method or status. */
struct phone_message *phone_hears(struct world *world, enum phone_number number,
				  const char *method);
struct phone_message *phone_hears_status(struct world *world, enum phone_number number,
					 unsigned status);
bool phone_hears_nothing(struct world *world, enum phone_number number);

/* Shown by its header or body; the test fails when it is (not) there. */
void message_has(const struct phone_message *message, const char *text);
void message_lacks(const struct phone_message *message, const char *text);

/* The number that follows text, "RSeq: "; the test fails when it is not there. */
unsigned message_number(const struct phone_message *message, const char *text);

/* A call from caller to callee, answered and acknowledged. */
void world_call(struct world *world, enum phone_number caller, enum phone_number callee);
