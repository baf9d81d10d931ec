/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The back-to-back user agent: each call is two legs, each with its own dialog, Call-ID, tags, SDP
 * and keys. Nothing of one side's topology reaches the other.
 *
 * Thread: the loop's.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "media/media.h"
#include "net/net.h"
#include "policy/config.h"

/* Calls to emergency numbers that find room when there are max_calls already. */
#define EMERGENCY_SPARE 64U

struct b2bua;

int b2bua_new(struct b2bua **b2bua, uv_loop_t *loop, const struct config *config);
/* Given after net_open() and media_open(), whose ops call back into b2bua. */
void b2bua_attach(struct b2bua *b2bua, struct net *net, struct media *media);
/* Calls are recorded from now on; records stays the caller's, until after b2bua_free(). NULL: they
 * are not. */
struct records;
void b2bua_record(struct b2bua *b2bua, struct records *records);
/* New requests are refused as overload says, from now on; it stays the caller's, until after
 * b2bua_free(). */
struct overload;
void b2bua_shed(struct b2bua *b2bua, struct overload *overload);
/* Transactions that are alive, and how many may be; bytes of messages that they keep, and may. */
struct b2bua_transactions {
	uint64_t used, most, bytes, bytes_most;
};
struct b2bua_transactions b2bua_transactions(const struct b2bua *b2bua);
/* After media_close(), before net_close(). Freed calls are not ended: BYEs are b2bua_drain()'s. */
void b2bua_free(struct b2bua *b2bua);

extern const struct net_ops b2bua_net_ops;     /* user: struct b2bua */
extern const struct media_ops b2bua_media_ops; /* user: struct b2bua */

/*
 * Room for as many calls as config allows, and for what has limits there; less is never given back.
 * 0, or -ENOMEM with error filled.
 */
int b2bua_fit(struct b2bua *b2bua, const struct config *config, char *error, size_t size);

/* For the operator API. */
/*
 * At most count (1 to PAGE_CALLS_MAX) calls that fit filter, both legs each, no counters, the
 * oldest first: {"calls": […], "total": n, "next"?: cursor}. after: the next of the page before;
 * NULL: from the start. With next there may be more, though the page be empty. NULL with status
 * -EINVAL: after is no cursor.
 */
struct page_filter;
json_t *b2bua_call_page(const struct b2bua *b2bua, const struct page_filter *filter,
			const char *after, unsigned count, int *status);
/* Found by the short id that call_list shows. done gets the call with counters, or NULL (no such
 * call); it owns the object. */
void b2bua_call_show(struct b2bua *b2bua, const char *id, void (*done)(void *user, json_t *call),
		     void *user);
int b2bua_call_hangup(struct b2bua *b2bua, const char *id); /* 0 or -ENOENT */
/* Asks for a capture of a call's media, what is known of it, or its end. */
struct b2bua_capture {
	enum sluice_capture_action action;
	enum sluice_capture_mode mode; /* START */
	uint32_t time_s;               /* START; 0: as long as may be */
};
/*
 * done is called once, perhaps before this returns: 0 and what the data plane answers, or info NULL
 * and -ENOENT (no such call), -ENOLINK (it has no media yet, or no more), -EACCES (dial_plan does
 * not allow it; else that is NULL), -ENOMEM, -ENOTCONN, and what the media API says of CAPTURE.
 */
void b2bua_call_capture(struct b2bua *b2bua, const char *id, const struct b2bua_capture *capture,
			void (*done)(void *user, int status, const struct sluice_capture_info *info,
				     const struct config_dial_plan *dial_plan),
			void *user);
json_t *b2bua_counters(const struct b2bua *b2bua); /* {name: n}: answered, and each cause */
json_t *b2bua_transaction_counters(const struct b2bua *b2bua); /* {name: n} */
/* {"registrations": [...], "total", "next"?: what after may be}, of both directions; see
 * registration/page.h. NULL with *status -EINVAL: after is no cursor. */
struct registration_filter;
json_t *b2bua_registration_page(const struct b2bua *b2bua, const struct registration_filter *filter,
				const char *after, unsigned count, int *status);
unsigned b2bua_calls(const struct b2bua *b2bua);
unsigned b2bua_peer_calls(const struct b2bua *b2bua, const struct config_peer *peer);
/* Calls that we made to it, and whether routing leaves it out. */
unsigned b2bua_peer_calls_to(const struct b2bua *b2bua, const struct config_peer *peer);
bool b2bua_peer_is_down(const struct b2bua *b2bua, const struct config_peer *peer);
/* What asking it by OPTIONS has found, as api/api.h shows it; NULL: it is not asked. */
json_t *b2bua_peer_watch(const struct b2bua *b2bua, const struct config_peer *peer);
const struct admission *b2bua_admission(const struct b2bua *b2bua); /* what is in use */
bool b2bua_is_draining(const struct b2bua *b2bua);
/* DRAINING: no new calls (503, or drain_status), OPTIONS is answered 503; calls go on. */
enum b2bua_service { B2BUA_SERVING, B2BUA_DRAINING };
void b2bua_serve(struct b2bua *b2bua, enum b2bua_service service);
/* Ends all calls with BYE or 503, without waiting; whether new ones come is not changed. */
void b2bua_end_calls(struct b2bua *b2bua);
/* Takes no new calls, ends all with BYE or 503, and calls done when none is left, or after
 * timeout_ms. */
void b2bua_drain(struct b2bua *b2bua, unsigned timeout_ms, void (*done)(void *user), void *user);
