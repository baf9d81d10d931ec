/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A REGISTER on its way through, as the files of phones see it. */
#pragma once

#include <sys/queue.h>

#include "b2bua/registration/outside.h"
#include "b2bua/registration/phone.h"
#include "b2bua/state.h"

#define PHONE_AOR_MAX 512U
#define PHONE_CONTACT_MAX 512U

enum passage_kind {
	PASSAGE_QUERY,  /* no contact: which are there? */
	PASSAGE_BIND,   /* one contact */
	PASSAGE_UNBIND, /* one contact, for 0 s */
	PASSAGE_CLEAR,  /* all: "*" */
};

struct passage {
	TAILQ_ENTRY(passage) link;
	struct phones *phones;
	const struct config_peer *peer; /* of the phone */
	struct sip_server *server;      /* the phone's; its request lives as long as this */
	struct sip_flow flow;
	enum passage_kind kind;
	struct location *location; /* BIND, UNBIND; NULL: it went meanwhile */
	uint32_t expires_s;        /* asked for */
	char aor[PHONE_AOR_MAX];
	char *uri; /* Request-URI, as the phone wrote it */
	char call_id[LOCATION_CALL_ID_TEXT];
	uint32_t cseq; /* without location */
	struct outside *outside;
};

struct phones {
	struct b2bua *b2bua;
	struct locations *locations;
	TAILQ_HEAD(, passage) passages;
};

/* phone_write.c: to the registrar */
void passage_write(void *user, struct sip_writer *writer);
/* to the phone; response: the registrar's, or NULL */
void passage_answer(struct passage *passage, unsigned status, const struct sip_message *response);
/* 200 of our own: the registrar has been asked lately. */
void phone_answer_known(struct b2bua *b2bua, struct sip_server *server,
			const struct location *location, uint32_t expires_s);
/* What the phone is told of granted_s. */
uint32_t phone_told_s(const struct config_peer *peer, uint32_t granted_s);

/* phones.c */
static inline unsigned phone_peer_number(const struct b2bua *b2bua, const struct config_peer *peer)
{
	return (unsigned)(peer - b2bua->config->peers);
}

/* One spelling of an address of record: "sip:alice@pbx.example" (RFC 3261 10.3 step 5). 0 or
 * -EINVAL. */
int phone_aor(char aor[PHONE_AOR_MAX], const struct sip_uri *uri);
/* The binding is at flow until until_ms. A connection of that flow is kept open; one that is gone
 * already makes the phone unreachable. */
void phones_bind(struct phones *phones, struct location *location, const struct sip_flow *flow,
		 uint64_t until_ms);
void phones_drop(struct phones *phones, struct location *location, const char *why);

/* phone.c */
void passage_free(struct passage *passage);
