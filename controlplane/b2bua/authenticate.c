/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/authenticate.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "auth/digest.h"
#include "auth/nonce.h"
#include "b2bua/claim.h"
#include "b2bua/record.h"
#include "b2bua/registration/passed_on.h"
#include "b2bua/reply.h"
#include "b2bua/state.h"

#define BINDING_MAX 128U

static bool must_authenticate(const struct b2bua *b2bua, const struct sip_message *request)
{
	return b2bua->sender && b2bua->sender->auth_users && request->request &&
	       request->method != SIP_METHOD_ACK && request->method != SIP_METHOD_CANCEL &&
	       request->to.tag.len == 0;
}

/*
 * Whom a nonce is given to: a peer at an address. So wrong credentials with a nonce of ours were
 * sent by whoever gets what is sent there, over UDP too, and may be held against that address.
 */
static struct str binding(char text[BINDING_MAX], const struct config_peer *peer,
			  const struct sip_flow *flow)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&flow->remote;
	const struct sockaddr_in *in = (const struct sockaddr_in *)&flow->remote;
	bool v6 = flow->remote.ss_family == AF_INET6;
	const unsigned char *host =
	    v6 ? in6->sin6_addr.s6_addr : (const unsigned char *)&in->sin_addr;
	int length = snprintf(text, BINDING_MAX, "%s:", peer->name);

	for (unsigned i = 0; i < (v6 ? 16U : 4U); i++)
		length += snprintf(text + length, BINDING_MAX - (size_t)length, "%02x", host[i]);
	return (struct str){text, (size_t)length};
}

/* 401 is what a registrar behind the relay says: our own challenge is that of a proxy then, so that
 * the phone can answer both (RFC 3261 22.3). */
static struct verdict verdict_of(const struct b2bua *b2bua, enum cause cause)
{
	bool proxy = b2bua->sender->registrar && cause_facts(cause)->status == 401;

	return (struct verdict){.cause = cause, .status = proxy ? 407 : 0};
}

bool authenticate_challenge(struct b2bua *b2bua, const struct sip_message *request,
			    const struct sip_flow *flow)
{
	struct sip_authorization authorization;
	struct verdict verdict;

	if (!must_authenticate(b2bua, request) ||
	    sip_authorization_find(&authorization, request, str_of(b2bua->sender->auth_realm)) !=
		-ENOENT ||
	    passed_on_answered(b2bua, request, flow, PASSED_LOOK))
		return false;
	/* not a failure, so no line in the log: everybody begins like that */
	b2bua->counters.cause[CAUSE_AUTH_REQUIRED]++;
	verdict = verdict_of(b2bua, CAUSE_AUTH_REQUIRED);
	reply_stateless(b2bua, request, flow, &verdict);
	return true;
}

/* Equal, or the same but for parameters and how it is written (RFC 7616 3.4.6, RFC 3261 22.4). */
static bool names_request(struct str uri, const struct sip_message *request)
{
	struct sip_uri parsed;

	return str_eq(uri, request->request_uri_text) ||
	       (sip_uri_parse(&parsed, uri) == 0 && sip_uri_equal(&parsed, &request->request_uri));
}

static enum cause judge_right(struct b2bua *b2bua, const struct sip_authorization *authorization,
			      enum nonce_verdict nonce)
{
	static const enum cause causes[] = {
	    [NONCE_GOOD] = CAUSE_NONE,
	    [NONCE_FOREIGN] = CAUSE_AUTH_STALE, /* of before our start, or of another address */
	    [NONCE_STALE] = CAUSE_AUTH_STALE,
	    [NONCE_REPLAYED] = CAUSE_AUTH_REPLAYED,
	};

	if (nonce == NONCE_GOOD)
		nonce = nonce_use(b2bua->nonces, authorization->nonce, authorization->nonce_count,
				  b2bua_now_ms(b2bua));
	return causes[nonce];
}

/* user: in room of PASSED_USER_TEXT. */
static enum cause judge(struct b2bua *b2bua, const struct sip_message *request,
			const struct sip_flow *flow, char *user)
{
	const struct config_peer *peer = b2bua->sender;
	struct sip_authorization authorization;
	char text[BINDING_MAX];
	enum nonce_verdict nonce;
	int result = sip_authorization_find(&authorization, request, str_of(peer->auth_realm));

	if (result == -ENOENT) {
		const char *known = passed_on_answered(b2bua, request, flow, PASSED_TAKE);

		if (!known)
			return CAUSE_AUTH_REQUIRED;
		b2bua->counters.challenges_passed++;
		snprintf(user, PASSED_USER_TEXT, "%s", known);
		return CAUSE_NONE;
	}
	if (result < 0)
		return CAUSE_AUTH_MALFORMED;
	if (!names_request(authorization.uri, request))
		return CAUSE_AUTH_URI;
	nonce = nonce_check(b2bua->nonces, authorization.nonce, binding(text, peer, flow),
			    b2bua_now_ms(b2bua));
	if (digest_is_right(&authorization, peer->auth_users, request->method_token)) {
		snprintf(user, PASSED_USER_TEXT, "%.*s", STR_FMT(authorization.username));
		return judge_right(b2bua, &authorization, nonce);
	}
	if (nonce != NONCE_FOREIGN || flow->transport != SIP_UDP)
		net_credentials_wrong(b2bua->net, flow);
	return CAUSE_AUTH_FAILED;
}

static void refuse_claim(struct b2bua *b2bua, struct sip_server *server,
			 const struct sip_message *request, const char *user, struct str claimed)
{
	struct verdict verdict = {.cause = CAUSE_AUTH_IDENTITY};
	char from[64], to[64];

	snprintf(verdict.detail, sizeof(verdict.detail), "user \"%s\" may not be \"%.*s\"", user,
		 (int)(claimed.len > 80 ? 80 : claimed.len), claimed.len ? claimed.ptr : "");
	reply_refuse(b2bua, server, NULL, &verdict);
	if (request->method != SIP_METHOD_INVITE)
		return;
	snprintf(from, sizeof(from), "%.*s", STR_FMT(request->from.uri.user));
	snprintf(to, sizeof(to), "%.*s", STR_FMT(request->request_uri.user));
	record_refused(b2bua, b2bua->sender, from, to, &verdict);
}

bool authenticate_request(struct b2bua *b2bua, struct sip_server *server,
			  const struct sip_message *request, const struct sip_flow *flow)
{
	char user[PASSED_USER_TEXT] = "";
	struct verdict verdict;
	struct str claimed;
	enum cause cause;

	if (!must_authenticate(b2bua, request))
		return true;
	cause = judge(b2bua, request, flow, user);
	if (cause != CAUSE_NONE) {
		verdict = verdict_of(b2bua, cause);
		reply_refuse(b2bua, server, NULL, &verdict);
		return false;
	}
	if (!claim_is_right(b2bua->sender, str_of(user), request, &claimed)) {
		refuse_claim(b2bua, server, request, user, claimed);
		return false;
	}
	memcpy(b2bua->sender_user, user, sizeof(user));
	return true;
}

static void write_one(struct sip_writer *writer, const struct config_peer *peer, const char *nonce,
		      const struct verdict *verdict, enum sip_digest_algorithm algorithm)
{
	bool stale = verdict->cause == CAUSE_AUTH_STALE || verdict->cause == CAUSE_AUTH_REPLAYED;

	if (!users_have(peer->auth_users, algorithm))
		return;
	sip_writer_headerf(
	    writer, verdict_status(verdict) == 407 ? "Proxy-Authenticate" : "WWW-Authenticate",
	    "Digest realm=\"%s\", nonce=\"%s\", algorithm=%s, qop=\"auth\"%s", peer->auth_realm,
	    nonce, sip_digest_algorithm_name(algorithm), stale ? ", stale=true" : "");
}

void authenticate_write(struct sip_writer *writer, const struct b2bua *b2bua,
			const struct sip_flow *flow, const struct verdict *verdict)
{
	const struct config_peer *peer = b2bua->sender;
	char text[BINDING_MAX], nonce[NONCE_TEXT];

	if (cause_facts(verdict->cause)->status != 401 || !peer || !peer->auth_users ||
	    nonce_make(b2bua->nonces, binding(text, peer, flow), b2bua_now_ms(b2bua), nonce) < 0)
		return;
	/* the preferred one on top (RFC 8760 2.1); those that the file can judge */
	write_one(writer, peer, nonce, verdict, SIP_DIGEST_SHA_256);
	write_one(writer, peer, nonce, verdict, SIP_DIGEST_MD5);
}
