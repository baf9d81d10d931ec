/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/caller_id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/host.h"
#include "b2bua/number.h"

#define DISPLAY_MAX 64U
#define ASSERTED_MAX 2U /* RFC 3325 9.1: a SIP and a tel URI */

/* ---- privacy ---- */

/* priv-values (RFC 3323 4.2, RFC 3325 9.3, RFC 7044 10.1); those that hide who calls. The media
 * and History-Info never pass as they came, so session and history ask for nothing more. */
static const struct {
	const char *name;
	bool hides;
} privacies[] = {
    {"id", true},    {"user", true},      {"header", true},   {"session", false},
    {"none", false}, {"critical", false}, {"history", false},
};

#define PRIVACIES (sizeof(privacies) / sizeof(privacies[0]))

/* One priv-value; 0: unknown. */
static unsigned privacy_bit(struct str value)
{
	for (unsigned i = 0; i < PRIVACIES; i++)
		if (str_caseeq(value, str_of(privacies[i].name)))
			return 1U << i;
	return 0;
}

/* The next of the values between semicolons, without space around it. */
static bool next_value(struct str *rest, struct str *value)
{
	const char *end = rest->len ? memchr(rest->ptr, ';', rest->len) : NULL;

	if (!rest->len)
		return false;
	*value = (struct str){rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len};
	*rest = end ? (struct str){end + 1, rest->len - value->len - 1} : (struct str){0};
	while (value->len && strchr(" \t\r\n", value->ptr[0]))
		*value = (struct str){value->ptr + 1, value->len - 1};
	while (value->len && strchr(" \t\r\n", value->ptr[value->len - 1]))
		value->len--;
	return true;
}

int caller_id_privacy(const struct sip_message *invite)
{
	const struct sip_header *header = sip_message_header(invite, SIP_HDR_PRIVACY, NULL);
	struct str rest = header ? header->value : (struct str){0}, value;
	unsigned bits = 0;
	bool unknown = false;

	while (next_value(&rest, &value)) {
		unknown |= value.len && !privacy_bit(value);
		bits |= privacy_bit(value);
	}
	return unknown && bits & privacy_bit(STR("critical")) ? -ENOTSUP : (int)bits;
}

bool caller_id_is_private(unsigned privacy)
{
	for (unsigned i = 0; i < PRIVACIES; i++)
		if (privacy & 1U << i && privacies[i].hides)
			return true;
	return false;
}

/* Who is trusted keeps it to itself. */
static bool is_hidden(const struct leg *callee)
{
	return caller_id_is_private(callee->call->privacy) && !callee->peer->trust;
}

static void write_privacy(struct sip_writer *writer, unsigned bits)
{
	char text[64] = "";
	size_t used = 0;

	for (unsigned i = 0; i < PRIVACIES; i++)
		if (bits & 1U << i)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
						 used ? ";" : "", privacies[i].name);
	if (used)
		sip_writer_header(writer, "Privacy", (struct str){text, used});
}

/* ---- names ---- */

/* The caller's name is the caller's, not topology; what needs no escapes is shown to the callee. */
static void format_display(char *text, size_t size, struct str display)
{
	text[0] = '\0';
	if (display.len >= 2 && display.ptr[0] == '"' && display.ptr[display.len - 1] == '"')
		display = (struct str){display.ptr + 1, display.len - 2};
	if (!display.len || display.len > DISPLAY_MAX || memchr(display.ptr, '"', display.len) ||
	    memchr(display.ptr, '\\', display.len) || memchr(display.ptr, '\r', display.len))
		return;
	snprintf(text, size, "\"%.*s\" ", STR_FMT(display));
}

/* The same user, the host of this leg (topology hiding). */
static void format_ours(char *text, size_t size, const struct leg *leg, struct str name,
			const char *user)
{
	char display[DISPLAY_MAX + 8], host[HOST_TEXT_MAX];

	format_display(display, sizeof(display), name);
	host_format(host_of_listener(leg->listener), host, sizeof(host));
	snprintf(text, size, "%s<sip:%s%s%s>", display, user, user[0] ? "@" : "", host);
}

void caller_id_format(char text[static CALLER_ID_MAX], const struct leg *callee, struct str display,
		      const char *user)
{
	/* RFC 3323 4.1.1.3: who has hidden itself is nobody of ours either */
	if (is_hidden(callee) || strcasecmp(user, "anonymous") == 0)
		snprintf(text, CALLER_ID_MAX, "\"Anonymous\" <sip:anonymous@anonymous.invalid>");
	else
		format_ours(text, CALLER_ID_MAX, callee, display, user);
}

/* ---- asserted identities ---- */

/*
 * What the caller is told of a number on the callee's side: translations have no way back, so the
 * number that was called becomes again what the caller dialled, and others are what they are.
 */
static void called_as(const struct call *call, char number[static NUMBER_TEXT_MAX])
{
	const char *remote = call->leg[LEG_CALLEE].dialog.remote;
	struct sip_name_addr called;
	char user[NUMBER_TEXT_MAX];

	if (remote && sip_name_addr_parse(&called, str_of(remote)) == 0 &&
	    number_normalise(user, called.uri.user) >= 0 && strcmp(user, number) == 0)
		snprintf(number, NUMBER_TEXT_MAX, "%s", call->to);
}

static int number_for(const struct leg *leg, char number[static NUMBER_TEXT_MAX])
{
	if (leg->number == LEG_CALLEE)
		return dial_caller(leg, number);
	called_as(leg->call, number);
	return 0;
}

static void write_asserted(struct sip_writer *writer, const struct leg *leg, struct str item)
{
	struct sip_name_addr address;
	char text[CALLER_ID_MAX], user[NUMBER_TEXT_MAX];

	if (sip_name_addr_parse(&address, item) < 0 ||
	    number_normalise(user, address.uri.user) < 0 || !user[0] || number_for(leg, user) < 0)
		return;
	if (address.uri.scheme == SIP_SCHEME_TEL)
		snprintf(text, sizeof(text), "<tel:%s>", user);
	else if (address.uri.scheme != SIP_SCHEME_OTHER)
		format_ours(text, sizeof(text), leg, address.display, user);
	else
		return;
	sip_writer_header(writer, "P-Asserted-Identity", str_of(text));
}

/* Only within the trust domain (RFC 3325 5): what others assert is nothing. */
static void write_identities(struct sip_writer *writer, const struct leg *leg,
			     const struct sip_message *message)
{
	const struct sip_header *header = NULL;
	unsigned count = 0;

	while ((header = sip_message_header(message, SIP_HDR_P_ASSERTED_IDENTITY, header))) {
		struct str rest = header->value, item;

		while (count < ASSERTED_MAX && sip_list_next(&rest, &item)) {
			write_asserted(writer, leg, item);
			count++;
		}
	}
}

/* RFC 3325 5: of a peer that is known but not trusted, what the operator says. */
static void write_known(struct sip_writer *writer, const struct leg *leg, const char *known)
{
	char text[CALLER_ID_MAX], user[NUMBER_TEXT_MAX];

	if (number_normalise(user, str_of(known)) < 0 || number_for(leg, user) < 0)
		return;
	format_ours(text, sizeof(text), leg, (struct str){0}, user);
	sip_writer_header(writer, "P-Asserted-Identity", str_of(text));
}

/* To leg, whose peer is trusted, of who is on the other side. message NULL: it sent none. */
static void write_other(struct sip_writer *writer, const struct leg *leg,
			const struct sip_message *message)
{
	const struct config_peer *other = leg->call->leg[!leg->number].peer;

	if (other->trust && message)
		write_identities(writer, leg, message);
	else if (!other->trust && other->asserted_identity)
		write_known(writer, leg, other->asserted_identity);
}

/* A response cannot be refused, so who asks for what is unknown here is not named at all. */
size_t caller_id_lines(char text[static CALLER_ID_LINES_MAX], const struct leg *leg,
		       const struct sip_message *response)
{
	struct sip_writer writer = {.data = text, .size = CALLER_ID_LINES_MAX};
	int privacy = caller_id_privacy(response);

	if (!leg->peer->trust || privacy < 0)
		return 0;
	if (leg->number == LEG_CALLEE) /* what the caller asked for holds for all of the call */
		privacy |= (int)leg->call->privacy;
	write_privacy(&writer, (unsigned)privacy);
	write_other(&writer, leg, response);
	return writer.error ? 0 : writer.length;
}

/* Signed by who owns the number, with the Date that it signed: not a byte may change. It names that
 * number, so who hides it takes it back (RFC 8224 11 leaves that to the service). */
static void write_identity(struct sip_writer *writer, const struct leg *callee,
			   const struct sip_message *invite)
{
	if (is_hidden(callee))
		return;
	sip_writer_copy(writer, invite, SIP_HDR_IDENTITY);
	if (sip_message_header(invite, SIP_HDR_IDENTITY, NULL))
		sip_writer_copy(writer, invite, SIP_HDR_DATE);
}

void caller_id_write(struct sip_writer *writer, const struct leg *callee,
		     const struct sip_message *invite)
{
	const struct call *call = callee->call;

	if (invite)
		write_identity(writer, callee, invite);
	if (!callee->peer->trust)
		return;
	write_privacy(writer, call->privacy);
	write_other(writer, callee, invite);
}
