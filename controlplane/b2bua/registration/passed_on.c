/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/registration/passed_on.h"

#include <inttypes.h>
#include <stdio.h>

#include "b2bua/state.h"
#include "net/address.h"
#include "sip/authorization.h"

#define SOURCE_MAX 128U
#define HEADERS_MAX 4U /* of credentials that are looked at, and of challenges that are noted */

/* Where it comes from, as exactly as can be said: over UDP who else may use that port? */
static struct str source_of(char text[SOURCE_MAX], const struct sip_flow *flow)
{
	char address[NET_ADDRESS_TEXT];
	int length;

	net_address_format(address, (const struct sockaddr *)&flow->remote);
	length = snprintf(text, SOURCE_MAX, "%d/%" PRIu64 "/%s", (int)flow->transport,
			  flow->connection, address);
	return (struct str){text, (size_t)length};
}

/* All that must be the same in the request that was challenged and in the one that answers. */
static int key_of(const struct b2bua *b2bua, const struct config_peer *peer,
		  const struct sip_message *request, const struct sip_flow *flow, struct str realm,
		  struct str nonce, unsigned char key[static PASSED_KEY])
{
	char source[SOURCE_MAX];
	const struct str parts[] = {
	    str_of(peer->name),
	    source_of(source, flow),
	    request->call_id,
	    request->method_token,
	    request->request_uri_text,
	    request->from.uri.whole,
	    request->to.uri.whole,
	    realm,
	    nonce,
	};

	return passed_key(b2bua->passed, parts, sizeof(parts) / sizeof(parts[0]), key);
}

const char *passed_on_answered(const struct b2bua *b2bua, const struct sip_message *request,
			       const struct sip_flow *flow, enum passed_way way)
{
	static const enum sip_header_id ids[] = {SIP_HDR_AUTHORIZATION,
						 SIP_HDR_PROXY_AUTHORIZATION};
	unsigned char key[PASSED_KEY];
	struct sip_authorization said;
	const char *user = NULL;
	unsigned looked_at = 0;

	for (size_t i = 0; i < 2; i++) {
		const struct sip_header *header = NULL;

		while (!user && looked_at++ < HEADERS_MAX &&
		       (header = sip_message_header(request, ids[i], header)))
			if (sip_authorization_parse(&said, header->value) == 0 &&
			    key_of(b2bua, b2bua->sender, request, flow, said.realm, said.nonce,
				   key) == 0)
				user = passed_answers(b2bua->passed, key, request->cseq, way,
						      b2bua_now_ms(b2bua));
	}
	return user;
}

void passed_on_note(struct b2bua *b2bua, const struct config_peer *peer,
		    const struct sip_server *server, const struct sip_message *response)
{
	static const enum sip_header_id ids[] = {SIP_HDR_WWW_AUTHENTICATE,
						 SIP_HDR_PROXY_AUTHENTICATE};
	const struct sip_message *request = sip_server_request(server);
	const struct sip_flow *flow = sip_server_flow(server);
	struct sip_authorization shown;
	struct sip_challenge challenge;
	unsigned char key[PASSED_KEY];
	unsigned noted = 0;

	/* only to whom has shown its own to us this time: what was let through is not let on */
	if (!peer->auth_users ||
	    sip_authorization_find(&shown, request, str_of(peer->auth_realm)) < 0)
		return;
	for (size_t i = 0; i < 2; i++) {
		const struct sip_header *header = NULL;

		while (noted < HEADERS_MAX &&
		       (header = sip_message_header(response, ids[i], header)))
			if (sip_challenge_parse(&challenge, header->value) == 0 &&
			    key_of(b2bua, peer, request, flow, challenge.realm, challenge.nonce,
				   key) == 0) {
				passed_note(b2bua->passed, key, shown.username,
					    b2bua_now_ms(b2bua));
				noted++;
			}
	}
}
