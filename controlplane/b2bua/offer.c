/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/offer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/random.h"
#include "b2bua/reoffer.h"
#include "b2bua/state.h"

static int refuse(struct verdict *verdict, enum cause cause, unsigned status, const char *text)
{
	*verdict = (struct verdict){.cause = cause, .status = status};
	snprintf(verdict->text, sizeof(verdict->text), "%s", text);
	return -ENOTSUP;
}

static int parse(struct sdp *sdp, struct str text, struct verdict *verdict)
{
	const char *error = "";

	if (sdp_parse(sdp, text, &error) < 0)
		return refuse(verdict, CAUSE_SDP, 0, error);
	return 0;
}

/* The data plane has an address of one family for each leg. */
static int check_family(const struct leg *leg, const struct relay_remote *remote,
			struct verdict *verdict)
{
	if (leg->local.family && remote->rtp_address.family &&
	    leg->local.family != remote->rtp_address.family)
		return refuse(verdict, CAUSE_NOT_ACCEPTABLE, 0,
			      "media address is of the other IP version");
	return 0;
}

/* Of the dial plan's suites those that the data plane's engine has, in the same order. */
static unsigned usable_suites(const struct leg *leg, enum sdes_suite suites[CONFIG_SUITES_MAX])
{
	const struct config_dial_plan *plan = leg->peer->dial_plan;
	const struct sluice_hello_reply *hello = media_hello(leg->call->b2bua->media);
	unsigned count = 0;

	for (unsigned i = 0; i < plan->suite_count; i++)
		if (!hello || hello->suites & 1U << plan->suites[i])
			suites[count++] = plan->suites[i];
	return count;
}

static const struct sdp_filter *filter_of(const struct leg *leg)
{
	return leg->peer->codecs ? &leg->peer->codecs->filter : NULL;
}

/* Whose profile left nothing, of what: for the operator, who knows these names. */
static int refuse_codecs(struct verdict *verdict, enum cause cause, const struct leg *by,
			 const struct sdp_audio *offered)
{
	char names[48];

	*verdict = (struct verdict){.cause = cause};
	sdp_filter_names(names, sizeof(names), offered);
	snprintf(verdict->detail, sizeof(verdict->detail), "codecs %.20s (%.20s) leave none of %s",
		 by->peer->codecs->name, by->peer->name, names);
	return -ENOTSUP;
}

/* What that leg's peer may use of it. */
static int filter_by(const struct leg *by, struct sdp_audio *audio, enum cause cause,
		     struct verdict *verdict)
{
	return sdp_filter_codecs(audio, filter_of(by)) ? 0
						       : refuse_codecs(verdict, cause, by, audio);
}

static int filter_offer(const struct leg *leg, struct sdp_audio *audio, struct verdict *verdict)
{
	if (filter_by(leg, audio, CAUSE_CODEC, verdict) < 0)
		return -ENOTSUP;
	sdp_filter_order(audio, filter_of(leg));
	return 0;
}

int offer_hear(struct leg *leg, struct str text, struct verdict *verdict)
{
	struct exchange *exchange = &leg->call->exchange;
	enum sdes_suite suites[CONFIG_SUITES_MAX];
	struct relay_refusal refusal;
	struct sdp sdp;

	if (parse(&sdp, text, verdict) < 0)
		return -ENOTSUP;
	if (exchange_reserve(leg->call) < 0)
		return refuse(verdict, CAUSE_MEMORY, 0, "");
	if (relay_read_offer(&leg->next->heard, &sdp, leg->security, suites,
			     usable_suites(leg, suites), &refusal) < 0)
		return refuse(verdict, CAUSE_NOT_ACCEPTABLE, refusal.status, refusal.reason);
	if (check_family(leg, &leg->next->heard, verdict) < 0 ||
	    filter_offer(leg, &leg->next->heard.audio, verdict) < 0)
		return -ENOTSUP;
	exchange->offerer = leg->number;
	if (secret_set(&exchange->offer, text) < 0)
		return refuse(verdict, CAUSE_MEMORY, 0, "");
	return 0;
}

int offer_suits(const struct leg *leg, struct verdict *verdict)
{
	/* what is left is cut out in offer_make() */
	struct sdp_audio left = leg->call->leg[!leg->number].next->heard.audio;

	return filter_by(leg, &left, CAUSE_CODEC, verdict);
}

int offer_take(struct leg *leg, struct str text, struct verdict *verdict)
{
	int rc = offer_hear(leg, text, verdict);

	return rc < 0 ? rc : offer_suits(leg_other(leg), verdict);
}

/*
 * A peer that names its keys by MKI is told one for ours, another for each key: so it knows from
 * the first packet which one it is. To others none is said, as many do not know it.
 */
static void name_key(const struct leg *leg, struct sdes_crypto *crypto)
{
	const struct relay_remote *heard = &leg->next->heard;
	const struct sdes_crypto *before = &leg->media.tx;
	uint8_t length = heard->crypto.mki_length ? heard->crypto.mki_length
						  : agreed_heard(&leg->media)->crypto.mki_length;

	if (!length)
		return;
	crypto->mki_length = length;
	crypto->key.mki = before->mki_length == length ? before->key.mki + 1 : 1;
	if (length < sizeof(crypto->key.mki))
		crypto->key.mki &= (1U << (8 * length)) - 1;
}

static int fresh_key(const struct leg *leg, struct sdes_crypto *crypto, uint32_t tag,
		     enum sdes_suite suite)
{
	*crypto = (struct sdes_crypto){.tag = tag, .suite = suite};
	crypto->key_length = (uint8_t)sdes_key_length(suite);
	crypto->key.lifetime = leg->peer->dial_plan->key_lifetime;
	name_key(leg, crypto);
	return random_bytes(crypto->key.bytes, crypto->key_length);
}

/* The key in use, or (at first, or as it may not go on) a fresh one for each suite that the dial
 * plan allows and the data plane has. */
static int offer_keys(const struct leg *leg, struct relay_local *said)
{
	enum sdes_suite suites[CONFIG_SUITES_MAX];
	unsigned count = usable_suites(leg, suites);
	int rc = 0;

	said->crypto_count = 0;
	if (leg->security != RELAY_SRTP)
		return 0;
	if (leg->media.tx.suite != SDES_NONE && leg->call->exchange.reason != REOFFER_KEY) {
		said->crypto[said->crypto_count++] = leg->media.tx;
		return 0;
	}
	for (unsigned i = 0; i < count && i < RELAY_CRYPTO_MAX && rc == 0; i++)
		rc = fresh_key(leg, &said->crypto[said->crypto_count++], i + 1, suites[i]);
	return rc;
}

bool offer_moved(const struct leg *leg)
{
	const struct relay_remote *heard = &leg->next->heard;

	if (!heard->rtp_address.family || !leg->last_address.family)
		return false;
	return memcmp(&heard->rtp_address, &leg->last_address, sizeof(leg->last_address)) != 0 ||
	       heard->rtp_port != leg->last_port;
}

/* An early answer of this exchange already has its key; a peer that stayed keeps the key it has. */
static int answer_key(struct leg *leg, struct relay_local *said)
{
	enum sdes_suite suite = leg->next->heard.crypto.suite;

	said->crypto_count = 0;
	if (leg->security != RELAY_SRTP)
		return 0;
	said->crypto_count = 1;
	if (leg->next->tx.suite == suite)
		said->crypto[0] = leg->next->tx;
	else if (leg->media.tx.suite == suite && !offer_moved(leg))
		said->crypto[0] = leg->media.tx;
	else if (fresh_key(leg, &said->crypto[0], 0, suite) < 0)
		return -EIO;
	said->crypto[0].tag = leg->next->heard.crypto.tag;
	leg->next->tx = said->crypto[0];
	return 0;
}

static void fill_local(const struct leg *leg, struct relay_local *said, bool rtcp_mux)
{
	said->address.family = leg->local.family;
	memcpy(said->address.ip, leg->local.ip, sizeof(said->address.ip));
	said->rtp_port = leg->local.port;
	said->security = leg->security;
	said->rtcp_mux = rtcp_mux;
	said->ptime_ms = filter_of(leg) ? filter_of(leg)->ptime_ms : 0;
	said->session_id = leg->session_id;
	said->session_version = leg->said_version ? leg->said_version : 1;
}

/* What both kinds of description are written from. */
struct description {
	const struct sdp *layout; /* answers: the offer that is answered */
	const struct relay_remote *layout_remote;
	const struct sdp *source;
	const struct relay_remote *source_remote;
};

static int write_once(const struct leg *leg, const struct description *from, char *text,
		      size_t size)
{
	if (!from->layout)
		return relay_write_offer(text, size, from->source, from->source_remote,
					 &leg->next->said);
	return relay_write_answer(text, size, from->layout, from->layout_remote, from->source,
				  from->source_remote, &leg->next->said);
}

/* The version rises when, and only when, the description differs (RFC 3264 8). */
static int write_versioned(struct leg *leg, const struct description *from, char *text, size_t size)
{
	struct relay_local *said = &leg->next->said;
	int length;

	said->before = secret_str(&leg->said_text);
	length = write_once(leg, from, text, size);
	if (length < 0)
		goto out;
	if (leg->said_version && !relay_same_description((struct str){text, (size_t)length},
							 secret_str(&leg->said_text))) {
		said->session_version++;
		length = write_once(leg, from, text, size);
		if (length < 0)
			goto out;
	}
	leg->said_version = said->session_version;
	if (secret_set(&leg->said_text, (struct str){text, (size_t)length}) < 0)
		length = -ENOMEM;
out:
	said->before = (struct str){0};
	return length;
}

/* What leg is offered of it: the codecs that its peer may use, the preferred ones first. */
static int offer_filtered(struct leg *leg, const struct sdp *source, struct relay_remote *remote,
			  char *text, size_t size)
{
	struct description from = {.source = source, .source_remote = remote};

	if (!sdp_filter_codecs(&remote->audio, filter_of(leg)))
		return -ENOTSUP;
	sdp_filter_order(&remote->audio, filter_of(leg));
	fill_local(leg, &leg->next->said, remote->rtcp_mux);
	agreed_copy_codecs(&leg->next->said.known, &agreed_heard(&leg->media)->audio);
	relay_said_offer(&leg->next->said, remote);
	if (offer_keys(leg, &leg->next->said) < 0)
		return -EIO;
	return write_versioned(leg, &from, text, size);
}

int offer_make(struct leg *leg, char *text, size_t size)
{
	struct relay_remote remote;
	struct verdict ignored;
	struct sdp source;
	int length;

	if (parse(&source, secret_str(&leg->call->exchange.offer), &ignored) < 0)
		return -EBADMSG;
	remote = leg_other(leg)->next->heard;
	length = offer_filtered(leg, &source, &remote, text, size);
	explicit_bzero(&remote, sizeof(remote));
	return length;
}

static const struct sdes_crypto *said_with_tag(const struct relay_local *said, uint32_t tag)
{
	for (unsigned i = 0; i < said->crypto_count; i++)
		if (said->crypto[i].tag == tag)
			return &said->crypto[i];
	return NULL;
}

int answer_take(struct leg *leg, struct str text, struct verdict *verdict)
{
	const struct sdes_crypto *chosen = NULL;
	struct relay_refusal refusal;
	struct relay_remote heard;
	struct sdp sdp;
	int rc = -ENOTSUP;

	if (parse(&sdp, text, verdict) < 0) {
		refuse(verdict, CAUSE_BAD_ANSWER, 0, "answer is malformed SDP");
		return -ENOTSUP;
	}
	if (!leg->next) /* nothing is offered */
		return refuse(verdict, CAUSE_BAD_ANSWER, 0, "answer without offer");
	if (relay_read_answer(&heard, &sdp, &leg->next->said, &refusal) < 0)
		return refuse(verdict, CAUSE_BAD_ANSWER, 0, refusal.reason);
	if (check_family(leg, &heard, verdict) < 0) {
		verdict->cause = CAUSE_BAD_ANSWER;
		goto out;
	}
	if (filter_by(leg, &heard.audio, CAUSE_BAD_ANSWER, verdict) < 0 ||
	    filter_by(leg_other(leg), &heard.audio, CAUSE_BAD_ANSWER, verdict) < 0)
		goto out;
	if (leg->security == RELAY_SRTP) {
		chosen = said_with_tag(&leg->next->said, heard.crypto.tag);
		if (!chosen) {
			refuse(verdict, CAUSE_BAD_ANSWER, 0, "answer has no key");
			goto out;
		}
		leg->next->tx = *chosen;
	}
	leg->next->heard = heard;
	if (secret_set(&leg->call->exchange.answer, text) == 0)
		rc = 0;
	else
		refuse(verdict, CAUSE_MEMORY, 0, "");
out:
	explicit_bzero(&heard, sizeof(heard));
	return rc;
}

int answer_make(struct leg *leg, struct str source_text, char *text, size_t size)
{
	const struct leg *answerer = leg_other(leg);
	struct relay_remote *heard = &leg->next->heard;
	struct verdict ignored;
	struct sdp layout, source;
	struct description from = {
	    .layout = &layout,
	    .layout_remote = heard,
	    .source = &source,
	    .source_remote = &answerer->next->heard,
	};

	if (parse(&layout, secret_str(&leg->call->exchange.offer), &ignored) < 0 ||
	    parse(&source, source_text, &ignored) < 0)
		return -EBADMSG;
	fill_local(leg, &leg->next->said, heard->rtcp_mux);
	relay_said_answer(&leg->next->said, heard, &answerer->next->heard);
	if (answer_key(leg, &leg->next->said) < 0)
		return -EIO;
	return write_versioned(leg, &from, text, size);
}
