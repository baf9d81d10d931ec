/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this folder share; see media.h for what it is. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

#include "media/media.h"
#include "media/table.h"
#include "media/vault.h"

#define MEDIA_CONNECT_TIMEOUT_MS 100U /* the loop stands still so long at most */
#define MEDIA_BACKOFF_FIRST_MS 100U
#define MEDIA_BACKOFF_LAST_MS 1000U
#define MEDIA_ANSWER_TIMEOUT_MS 5000U /* a data plane that answers slower is as good as dead */
#define MEDIA_WATCH_MS 1000U
#define MEDIA_STRANGER_SILENT_MS 10000U
#define MEDIA_STRANGER_WATCH_MS 2000U
#define MEDIA_POSITION_TURNS 10U /* of MEDIA_WATCH_MS: each session is asked once in so many */
#define MEDIA_BODY_MAX sizeof(struct sluice_capture)

enum media_state {
	MEDIA_AWAY,
	MEDIA_SYNCING, /* connected; finding out which sessions the data plane has */
	MEDIA_UP,
};

enum media_session_state {
	SESSION_OPENING,
	SESSION_OPEN,
	SESSION_FAILED, /* not opened, or lost; waits to be closed by its user */
	SESSION_CLOSED, /* by its user; requests still hold it */
};

#define MEDIA_FLOOR_UNKNOWN UINT64_MAX

/* What may have been sent under our key of a leg, for when nobody can be asked any more. */
struct media_key_use {
	uint64_t floor;     /* at floor_ms every RTP index used, by whatever source, was below */
	uint64_t floor_ms;  /* of the loop, as looked_ms */
	uint64_t looked_ms; /* when tx.resume was true of its source; 0: nothing was seen yet */
	bool kept;          /* no data plane has had the key */
};

struct media_session {
	struct table_entry by_id;
	struct media *media;
	void *user;
	void (*opened)(void *user, int status, const struct sluice_addr local[2]);
	enum media_session_state state;
	unsigned holders; /* requests that point here; the memory lives as long */
	bool present;     /* seen in the LIST of this synchronisation */
	char interface[2][SLUICE_NAME_MAX];
	uint8_t family[2];
	struct sluice_addr local[2];
	struct sluice_set wanted[2]; /* mask: everything that was ever set */
	uint32_t dirty[2];           /* bits that the data plane has not acknowledged */
	unsigned sets[2];            /* SET requests under way */
	struct media_key_use use[2]; /* of wanted[].tx */
	uint32_t rate_pps[2];        /* the most that was ever let through from that leg; 0: none */
	uint8_t looks_soon;          /* at its keys, in so many of the next seconds */
};

enum media_purpose {
	PURPOSE_USER,    /* somebody outside asked */
	PURPOSE_RESTORE, /* puts a session back */
	PURPOSE_SYNC,    /* LIST, and GET and CLOSE of sessions that nobody knows */
};

static_assert(sizeof(struct sluice_open) <= MEDIA_BODY_MAX, "the longest but for SET");

struct media_request {
	STAILQ_ENTRY(media_request) link;
	enum sluice_type type;
	enum media_purpose purpose;
	uint32_t id;
	uint64_t sent_ms;
	struct media_session *session; /* held; NULL: about none */
	uint8_t leg;   /* SET: the body is made from the session when it is sent, so */
	uint32_t mask; /* that no key lies about in a queue */
	uint8_t body[MEDIA_BODY_MAX];
	size_t length;
	void (*set_done)(void *user, int status);
	void (*closed)(void *user, const struct sluice_session_info *info);
	void (*answer)(void *user, int status, const void *reply, size_t length);
	void *user;
};

STAILQ_HEAD(media_queue, media_request);

struct media_stranger; /* a session of an earlier run */
SLIST_HEAD(media_strangers, media_stranger);

struct media {
	uv_loop_t *loop;
	char *path;
	const struct media_ops *ops;
	void *user;
	uv_timer_t timer;
	uv_poll_t *poll; /* of this connection; freed by its close callback */
	int watched;     /* the events that it waits for */
	struct sluice_client *client;
	struct sluice_frame *frame;
	struct sluice_hello_reply hello;
	enum media_state state;
	bool broken; /* found while sending: the timer takes the connection down */
	bool away_said;
	unsigned backoff_ms;
	uint64_t connected_ms;
	uint64_t boot_id; /* of the data plane that holds our sessions; 0: none yet */
	uint64_t event_sequence;
	unsigned restoring; /* requests under way that put sessions back */
	unsigned restored;  /* sessions put back since this connection */
	bool up_said;
	struct media_queue waiting; /* not sent yet */
	struct media_queue sent;    /* in the order of their answers */
	struct table sessions;
	struct vault *vault;
	struct media_strangers strangers; /* still heard at the last look */
	uint64_t strangers_due_ms;        /* when to look again */
	unsigned position_turn;
};

/* link.c: the connection */
void media_link_start(struct media *media);
/* The connection is of no use any more: reason for the log. */
void media_link_down(struct media *media, const char *reason);
void media_link_pump(struct media *media); /* sends what waits */
void media_link_close(struct media *media);

/* request.c: what is asked, and what is done with answers */
struct media_request *media_request_new(struct media *media, enum sluice_type type,
					enum media_purpose purpose, struct media_session *session);
void media_request_free(struct media *media, struct media_request *request);
void media_request_queue(struct media *media, struct media_request *request);
void media_request_answered(struct media *media, struct media_request *request, int status,
			    const void *reply, size_t length);
/* Makes the frame's body: of SET from the session, else request->body. set is for the caller to
 * wipe */
const void *media_request_body(const struct media_request *request, struct sluice_set *set,
			       size_t *length);

/* session.c */
struct media_session *media_session_find(const struct media *media, uint64_t id);
int media_session_queue_open(struct media_session *session, enum media_purpose purpose);
/* done and user may be NULL. */
int media_session_queue_set(struct media_session *session, uint8_t leg, uint32_t mask,
			    enum media_purpose purpose, void (*done)(void *user, int status));
void media_session_opened(struct media_session *session, int status,
			  const struct sluice_open_reply *reply);
void media_session_set_answered(struct media_session *session, uint8_t leg, uint32_t mask,
				int status);
void media_session_release(struct media_session *session);

/* sync.c: after a connection */
void media_sync_start(struct media *media);
void media_sync_answered(struct media *media, const struct media_request *request, int status,
			 const void *reply);
/* Queues LIST, GET or CLOSE: the answer comes to media_sync_answered(). */
void media_sync_ask(struct media *media, enum sluice_type type, uint64_t number);
/* A request that puts a session back was answered. */
void media_sync_restored(struct media *media, struct media_session *session, int status);

/* stranger.c: sessions of the data plane that we do not know */
void media_stranger_heard(struct media *media, const struct sluice_session_info *info);
void media_stranger_watch(struct media *media);
void media_stranger_forget(struct media *media);

/* position.c: how far keys have been used */
void media_position_watch(struct media *media);
/* asked_ms: when the request was sent that info answers. */
void media_position_heard(struct media_session *session, const struct sluice_session_info *info,
			  uint64_t asked_ms);
/* Before set becomes part of what is wanted. */
void media_position_set(struct media_session *session, const struct sluice_set *set);
/* The data plane that had the session is gone: writes into our keys where they go on. */
void media_position_resume(struct media_session *session);
