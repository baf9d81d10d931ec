/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a peer's offer or answer means for the media of its leg. */
#include <errno.h>
#include <stdio.h>

#include "sdp/relay.h"

/* Which a=crypto lines are acceptable: of an offer, the allowed suites; of an answer, our lines. */
struct crypto_rule {
	const enum sdes_suite *suites;
	unsigned suite_count;
	const struct relay_local *local; /* NULL: it is an offer */
};

static int refuse(struct relay_remote *remote, struct relay_refusal *refusal, const char *rule,
		  const char *detail)
{
	explicit_bzero(remote, sizeof(*remote));
	refusal->status = 488;
	snprintf(refusal->reason, sizeof(refusal->reason), "%s%s%s", rule, detail ? ": " : "",
		 detail ? detail : "");
	return -ENOTSUP;
}

static bool is_secured(enum sdp_proto proto)
{
	return proto == SDP_RTP_SAVP || proto == SDP_RTP_SAVPF;
}

/* Why the audio section cannot be relayed on a leg of that security; NULL: it can. */
static const char *objection(const struct sdp_media *media, enum relay_security security)
{
	if (media->port == 0)
		return "Audio stream is disabled (port 0)";
	if (media->port_count != 1)
		return "Audio stream must have one port";
	if (media->proto == SDP_PROTO_OTHER)
		return "Audio must be RTP/AVP, or RTP/SAVP with SDES (RFC 4568)";
	if (security == RELAY_SRTP && !is_secured(media->proto))
		return "Secured media is required here: RTP/SAVP, not RTP/AVP";
	if (security == RELAY_RTP && is_secured(media->proto))
		return "Plain media is required here: RTP/AVP, not RTP/SAVP";
	if (media->connection.family == 0)
		return "Media address must be an IPv4 or IPv6 literal";
	if (!sdp_address_is_unicast(&media->connection) &&
	    !sdp_address_is_unspecified(&media->connection))
		return "Media address must be unicast";
	return NULL;
}

/* The next audio section after previous (NULL: the first) that can be relayed; NULL: none is left.
 * why: the objection to the first that cannot; NULL before it is known. */
static const struct sdp_media *next_audio(const struct sdp *sdp, enum relay_security security,
					  const struct sdp_media *previous, const char **why)
{
	const struct sdp_media *end = sdp->media + sdp->media_count;

	for (const struct sdp_media *media = previous ? previous + 1 : sdp->media; media < end;
	     media++) {
		const char *against;

		if (!str_eq(media->type, STR("audio")))
			continue;
		against = objection(media, security);
		if (!against)
			return media;
		if (!*why)
			*why = against;
	}
	return NULL;
}

static enum sdp_direction without_receive(enum sdp_direction direction)
{
	return direction == SDP_SENDRECV || direction == SDP_SENDONLY ? SDP_SENDONLY : SDP_INACTIVE;
}

static void read_rtcp(struct relay_remote *remote, const struct sdp_media *media)
{
	const struct sdp_address *address =
	    media->rtcp_address.family ? &media->rtcp_address : &media->connection;
	uint16_t port = media->rtcp_port ? media->rtcp_port : (uint16_t)(media->port + 1);

	/* an address of the other family cannot be reached from the leg's interface */
	if (!sdp_address_is_unicast(address) || address->family != media->connection.family ||
	    !port)
		return;
	remote->rtcp_address = *address;
	remote->rtcp_port = port;
}

static void read_transport(struct relay_remote *remote, const struct sdp_media *media)
{
	remote->direction = media->direction;
	remote->rtcp_mux = media->rtcp_mux;
	remote->secured = is_secured(media->proto);
	if (sdp_address_is_unspecified(&media->connection)) {
		remote->direction = without_receive(media->direction);
		return;
	}
	remote->rtp_address = media->connection;
	remote->rtp_port = media->port;
	read_rtcp(remote, media);
}

static const char *suite_objection(const struct sdes_crypto *crypto, const struct crypto_rule *rule)
{
	for (unsigned i = 0; i < rule->suite_count; i++)
		if (rule->suites[i] == crypto->suite)
			return NULL;
	return "suite is not allowed";
}

static bool holds_key(const struct relay_remote *remote, const struct sdes_crypto *ours)
{
	size_t length = remote->crypto.key_length;
	bool found = memcmp(ours->key.bytes, remote->crypto.key.bytes, length) == 0;

	for (unsigned i = 0; i < remote->crypto_more.count; i++)
		found |= memcmp(ours->key.bytes, remote->crypto_more.key[i].bytes, length) == 0;
	return found;
}

static const char *answer_objection(const struct relay_remote *remote,
				    const struct relay_local *local)
{
	const struct sdes_crypto *crypto = &remote->crypto;

	for (unsigned i = 0; i < local->crypto_count && i < RELAY_CRYPTO_MAX; i++) {
		const struct sdes_crypto *ours = &local->crypto[i];

		if (ours->tag != crypto->tag || ours->suite != crypto->suite)
			continue;
		if (holds_key(remote, ours))
			return "answer repeats our own key";
		return NULL;
	}
	return "answer has a tag or suite that was not offered";
}

/* Takes the first acceptable line; false: none, and why the last one was not. */
static bool read_crypto(struct relay_remote *remote, const struct sdp_media *media,
			const struct crypto_rule *rule, const char **why)
{
	struct sdes_crypto *crypto = &remote->crypto;

	*why = "there is none";
	for (const struct sdp_attribute *line = sdp_attribute(media, "crypto", NULL); line;
	     line = sdp_attribute(media, "crypto", line)) {
		enum sdes_verdict verdict =
		    sdes_parse(crypto, &remote->crypto_more, line->value, why);

		if (verdict == SDES_OK) {
			*why = rule->local ? answer_objection(remote, rule->local)
					   : suite_objection(crypto, rule);
			if (!*why)
				return true;
		}
		if (verdict == SDES_BAD)
			remote->crypto_bad++;
		else
			remote->crypto_skipped++;
	}
	return false;
}

/* All of it but its key. */
static void read_section(struct relay_remote *remote, const struct sdp *sdp,
			 const struct sdp_media *media)
{
	explicit_bzero(remote, sizeof(*remote));
	remote->audio_index = (unsigned)(media - sdp->media);
	read_transport(remote, media);
	sdp_audio_read(&remote->audio, media);
}

static int read_description(struct relay_remote *remote, const struct sdp *sdp,
			    enum relay_security security, const struct crypto_rule *rule,
			    struct relay_refusal *refusal)
{
	const char *why = NULL, *crypto_why = NULL, *crypto_first = NULL;
	const struct sdp_media *media = NULL;

	*refusal = (struct relay_refusal){0};
	while ((media = next_audio(sdp, security, media, &why))) {
		read_section(remote, sdp, media);
		if (!remote->secured || read_crypto(remote, media, rule, &crypto_why))
			return 0;
		/* another way to key it may stand beside this one (RFC 5763 6.7.1) */
		crypto_first = crypto_first ? crypto_first : crypto_why;
	}
	if (crypto_first)
		return refuse(remote, refusal, "No acceptable a=crypto", crypto_first);
	return refuse(remote, refusal, why ? why : "No audio stream", NULL);
}

int relay_read_offer(struct relay_remote *remote, const struct sdp *offer,
		     enum relay_security security, const enum sdes_suite *suites,
		     unsigned suite_count, struct relay_refusal *refusal)
{
	const struct crypto_rule rule = {.suites = suites, .suite_count = suite_count};

	return read_description(remote, offer, security, &rule, refusal);
}

int relay_read_answer(struct relay_remote *remote, const struct sdp *answer,
		      const struct relay_local *local, struct relay_refusal *refusal)
{
	const struct crypto_rule rule = {.local = local};
	int result = read_description(remote, answer, local->security, &rule, refusal);

	if (result)
		return result;
	remote->rtcp_mux = remote->rtcp_mux && local->rtcp_mux;
	if (remote->rtcp_mux) {
		remote->rtcp_address = remote->rtp_address;
		remote->rtcp_port = remote->rtp_port;
	}
	return 0;
}
