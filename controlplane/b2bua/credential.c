/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/credential.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/random.h"
#include "tls/hash.h"

#define CNONCE_DIGITS 16U

void credential_free(struct credential *credential)
{
	secret_wipe(&credential->challenge);
}

/* ---- what was said ---- */

void credential_said_read(struct credential_said *said, struct str request)
{
	const struct sip_header *header;
	struct sip_message message;

	credential_said_wipe(said);
	if (!request.len || sip_message_parse(&message, request.ptr, request.len, NULL) < 0)
		return;
	header = sip_message_header(&message, SIP_HDR_AUTHORIZATION, NULL);
	if (!header) {
		header = sip_message_header(&message, SIP_HDR_PROXY_AUTHORIZATION, NULL);
		said->proxy = true;
	}
	if (header)
		secret_set(&said->value, header->value);
}

void credential_said_write(const struct credential_said *said, struct sip_writer *writer)
{
	if (said->value.data)
		sip_writer_header(writer, said->proxy ? "Proxy-Authorization" : "Authorization",
				  secret_str(&said->value));
}

void credential_said_wipe(struct credential_said *said)
{
	secret_wipe(&said->value);
	said->proxy = false;
}

/* ---- challenges ---- */

static const struct sip_header *header_of(const struct sip_message *response,
					  const struct sip_challenge *challenge)
{
	enum sip_header_id id =
	    challenge->proxy ? SIP_HDR_PROXY_AUTHENTICATE : SIP_HDR_WWW_AUTHENTICATE;
	const struct sip_header *header = NULL;

	while ((header = sip_message_header(response, id, header)) != NULL)
		if (challenge->nonce.ptr >= header->value.ptr &&
		    challenge->nonce.ptr < header->value.ptr + header->value.len)
			return header;
	return NULL;
}

int credential_challenged(struct credential *credential, const struct config_peer *peer,
			  const struct sip_message *response, unsigned tries)
{
	const struct sip_header *header;
	struct sip_challenge challenge;

	if (!peer->auth_password || sip_challenge_choose(&challenge, response) < 0)
		return -ENOENT;
	if (tries >= CREDENTIAL_TRIES || (tries > 0 && !challenge.stale))
		return -EACCES;
	header = header_of(response, &challenge);
	if (!header)
		return -ENOENT;
	credential->proxy = challenge.proxy;
	credential->nonce_count = 0;
	return secret_set(&credential->challenge, header->value);
}

struct answer {
	char a1[TLS_HASH_HEX_MAX];
	char a2[TLS_HASH_HEX_MAX];
	char response[TLS_HASH_HEX_MAX];
	char count[9];
	char cnonce[CNONCE_DIGITS + 1];
};

/* RFC 7616 3.4.1; without qop as in RFC 2069. */
static int compute(struct answer *answer, const struct sip_challenge *challenge,
		   const struct config_peer *peer, const char *method, struct str uri)
{
	enum tls_hash hash =
	    challenge->algorithm == SIP_DIGEST_SHA_256 ? TLS_HASH_SHA_256 : TLS_HASH_MD5;
	const struct str a1[] = {str_of(peer->auth_user), challenge->realm,
				 str_of(peer->auth_password)};
	const struct str a2[] = {str_of(method), uri};
	int result = tls_hash_joined(hash, a1, 3, answer->a1);

	if (result == 0)
		result = tls_hash_joined(hash, a2, 2, answer->a2);
	if (result < 0)
		return result;
	const struct str with_qop[] = {str_of(answer->a1),    challenge->nonce,
				       str_of(answer->count), str_of(answer->cnonce),
				       STR("auth"),           str_of(answer->a2)};
	const struct str without[] = {str_of(answer->a1), challenge->nonce, str_of(answer->a2)};

	return challenge->qop_auth ? tls_hash_joined(hash, with_qop, 6, answer->response)
				   : tls_hash_joined(hash, without, 3, answer->response);
}

static void write_answer(const struct answer *answer, const struct sip_challenge *challenge,
			 const struct config_peer *peer, struct str uri, struct sip_writer *writer)
{
	bool opaque = challenge->opaque.ptr != NULL;
	char algorithm[32] = "", qop[64] = "";

	if (challenge->algorithm_said)
		snprintf(algorithm, sizeof(algorithm), ", algorithm=%s",
			 sip_digest_algorithm_name(challenge->algorithm));
	if (challenge->qop_auth)
		snprintf(qop, sizeof(qop), ", qop=auth, nc=%s, cnonce=\"%s\"", answer->count,
			 answer->cnonce);
	sip_writer_headerf(writer, challenge->proxy ? "Proxy-Authorization" : "Authorization",
			   "Digest username=\"%s\", realm=\"%.*s\", nonce=\"%.*s\", uri=\"%.*s\", "
			   "response=\"%s\"%s%s%s%.*s%s",
			   peer->auth_user, STR_FMT(challenge->realm), STR_FMT(challenge->nonce),
			   STR_FMT(uri), answer->response, algorithm, qop,
			   opaque ? ", opaque=\"" : "", opaque ? (int)challenge->opaque.len : 0,
			   opaque ? challenge->opaque.ptr : "", opaque ? "\"" : "");
}

int credential_write(struct credential *credential, const struct config_peer *peer,
		     const char *method, struct str uri, struct sip_writer *writer)
{
	struct sip_challenge challenge;
	struct answer answer = {0};
	int result;

	if (!credential->challenge.data)
		return 0;
	/* it was read before */
	if (sip_challenge_parse(&challenge, secret_str(&credential->challenge)) < 0)
		return -EIO;
	challenge.proxy = credential->proxy;
	random_text(answer.cnonce, CNONCE_DIGITS);
	snprintf(answer.count, sizeof(answer.count), "%08x", ++credential->nonce_count);
	result = compute(&answer, &challenge, peer, method, uri);
	if (result == 0)
		write_answer(&answer, &challenge, peer, uri, writer);
	explicit_bzero(&answer, sizeof(answer));
	return result;
}
