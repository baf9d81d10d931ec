/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said to the registrar for a phone, and to the phone for the registrar. */
#include <stdio.h>
#include <string.h>

#include "b2bua/dialog.h"
#include "b2bua/host.h"
#include "b2bua/random.h"
#include "b2bua/registration/contacts.h"
#include "b2bua/registration/pass.h"
#include "b2bua/registration/passed_on.h"
#include "b2bua/registration/phone_internal.h"

/* ---- to the registrar ---- */

static void write_contact(struct sip_writer *writer, const struct passage *passage)
{
	const struct config_listener *listener = passage->peer->registrar->listener;
	char host[HOST_TEXT_MAX];

	if (passage->kind == PASSAGE_CLEAR)
		sip_writer_header(writer, "Contact", STR("*"));
	if (passage->kind == PASSAGE_CLEAR || !passage->location)
		return;
	host_port_format(listener, host, sizeof(host));
	sip_writer_headerf(writer, "Contact", "<sip:%s@%s%s>;expires=%u", passage->location->token,
			   host, host_transport_param(listener->transport), passage->expires_s);
}

void passage_write(void *user, struct sip_writer *writer)
{
	struct passage *passage = user;
	const struct sip_message *request = sip_server_request(passage->server);
	uint32_t *cseq = passage->location ? &passage->location->cseq : &passage->cseq;
	char tag[DIALOG_TAG_DIGITS + 1];

	random_text(tag, DIALOG_TAG_DIGITS);
	sip_writer_headerf(writer, "From", "<%.*s>;tag=%s", STR_FMT(request->from.uri.whole), tag);
	sip_writer_headerf(writer, "To", "<%.*s>", STR_FMT(request->to.uri.whole));
	sip_writer_header(writer, "Call-ID", str_of(passage->call_id));
	sip_writer_headerf(writer, "CSeq", "%u REGISTER", ++*cseq);
	write_contact(writer, passage);
	if (passage->kind != PASSAGE_QUERY)
		sip_writer_headerf(writer, "Expires", "%u", passage->expires_s);
	pass_credentials(writer, passage->peer, request);
}

/* ---- to the phone ---- */

uint32_t phone_told_s(const struct config_peer *peer, uint32_t granted_s)
{
	uint32_t most_s = peer->phone_expires_s;

	return most_s && granted_s > most_s ? most_s : granted_s;
}

static void write_bound(struct sip_writer *writer, const struct config_peer *peer,
			const struct location *location, uint32_t granted_s)
{
	sip_writer_headerf(writer, "Contact", "<%s>;expires=%u", location->contact,
			   phone_told_s(peer, granted_s));
}

/* Those of the registrar's contacts that are ours, as the phones wrote them; others are nobody's
 * business behind the relay. */
static void write_contacts(struct sip_writer *writer, const struct passage *passage,
			   const struct sip_message *response)
{
	unsigned peer = (unsigned)(passage->peer - passage->phones->b2bua->config->peers);
	struct contacts_walk walk = {0};
	struct sip_name_addr contact;

	while (contacts_next(response, &walk, &contact)) {
		const struct location *location =
		    contact.star ? NULL
				 : location_by_token(passage->phones->locations, contact.uri.user);

		if (location && location->peer == peer && location->bound &&
		    strcmp(location->aor, passage->aor) == 0)
			write_bound(
			    writer, passage->peer, location,
			    contacts_expires(response, &contact, CONTACTS_EXPIRES_DEFAULT_S));
	}
}

static void copy_named(struct sip_writer *writer, const struct sip_message *response,
		       const char *name)
{
	uint32_t seconds = contacts_header_seconds(response, name);

	if (seconds != UINT32_MAX)
		sip_writer_headerf(writer, name, "%u", seconds);
}

/* Challenges byte for byte: realm and nonce are between the phone and its registrar. */
static void write_refusal(struct sip_writer *writer, const struct sip_message *response)
{
	sip_writer_copy(writer, response, SIP_HDR_WWW_AUTHENTICATE);
	sip_writer_copy(writer, response, SIP_HDR_PROXY_AUTHENTICATE);
	copy_named(writer, response, "Min-Expires");
	copy_named(writer, response, "Retry-After");
}

static void write_accepted(struct sip_writer *writer, const struct passage *passage,
			   const struct sip_message *response)
{
	write_contacts(writer, passage, response);
	if (passage->location && passage->location->path) /* RFC 3327 5.3 */
		sip_writer_header(writer, "Path", str_of(passage->location->path));
}

static void begin(struct sip_writer *writer, struct b2bua *b2bua, struct sip_server *server,
		  unsigned status)
{
	char tag[DIALOG_TAG_DIGITS + 1];

	random_text(tag, DIALOG_TAG_DIGITS);
	sip_writer_response_to(writer, b2bua->buffer, SIP_MESSAGE_MAX, sip_server_request(server),
			       status, NULL, str_of(tag), &sip_server_flow(server)->remote);
	sip_writer_header(writer, "Server", STR(B2BUA_PRODUCT));
}

static void end(struct sip_writer *writer, struct b2bua *b2bua, struct sip_server *server,
		unsigned status)
{
	long length = sip_writer_end(writer, NULL, STR(""));

	if (length > 0)
		sip_server_respond(server, status, b2bua->buffer, (size_t)length,
				   b2bua_now_ms(b2bua));
}

void passage_answer(struct passage *passage, unsigned status, const struct sip_message *response)
{
	struct b2bua *b2bua = passage->phones->b2bua;
	struct sip_writer writer;

	if (response && (status == 401 || status == 407))
		passed_on_note(b2bua, passage->peer, passage->server, response);
	begin(&writer, b2bua, passage->server, status);
	if (response && status < 300)
		write_accepted(&writer, passage, response);
	else if (response)
		write_refusal(&writer, response);
	end(&writer, b2bua, passage->server, status);
}

void phone_answer_known(struct b2bua *b2bua, struct sip_server *server,
			const struct location *location, uint32_t expires_s)
{
	const struct config_peer *peer = &b2bua->config->peers[location ? location->peer : 0];
	struct sip_writer writer;

	begin(&writer, b2bua, server, 200);
	if (location)
		write_bound(&writer, peer, location, expires_s);
	end(&writer, b2bua, server, 200);
}
