/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/registration/pass.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/caller_id.h"
#include "b2bua/number.h"
#include "b2bua/registration/passed_on.h"
#include "sip/authorization.h"

static const enum sip_header_id challenge_ids[] = {SIP_HDR_WWW_AUTHENTICATE,
						   SIP_HDR_PROXY_AUTHENTICATE};

static bool is_ours(const struct config_peer *phone, struct str value)
{
	struct sip_authorization read;

	if (!phone->auth_realm)
		return false;
	(void)sip_authorization_parse(&read, value);
	return read.realm.ptr && str_eq(read.realm, str_of(phone->auth_realm));
}

void pass_credentials(struct sip_writer *writer, const struct config_peer *phone,
		      const struct sip_message *request)
{
	static const enum sip_header_id ids[] = {SIP_HDR_AUTHORIZATION,
						 SIP_HDR_PROXY_AUTHORIZATION};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct sip_header *header = NULL;

		while ((header = sip_message_header(request, ids[i], header)))
			if (!is_ours(phone, header->value))
				sip_writer_header(writer, sip_header_name(ids[i]), header->value);
	}
}

bool pass_applies(const struct leg *callee)
{
	const struct leg *caller = &callee->call->leg[LEG_CALLER];

	return callee->number == LEG_CALLEE && caller->peer->registrar &&
	       caller->peer->registrar == callee->peer && !callee->peer->auth_password;
}

/* Values in one text, each ended by a line feed, which no value has. */
static char *join(const struct sip_message *response, enum sip_header_id id)
{
	const struct sip_header *header = NULL;
	char *text = NULL, *more;

	while ((header = sip_message_header(response, id, header))) {
		if (asprintf(&more, "%s%.*s\n", text ? text : "", STR_FMT(header->value)) < 0)
			break;
		free(text);
		text = more;
	}
	return text;
}

bool pass_challenged(struct leg *callee, const struct sip_message *response)
{
	struct call *call = callee->call;
	bool any = false;

	if (!pass_applies(callee) || (response->status != 401 && response->status != 407))
		return false;
	for (unsigned i = 0; i < 2; i++) {
		free(call->challenges[i]);
		call->challenges[i] = join(response, challenge_ids[i]);
		any = any || call->challenges[i];
	}
	if (any && call->leg[LEG_CALLER].invite)
		passed_on_note(call->b2bua, call->leg[LEG_CALLER].peer,
			       call->leg[LEG_CALLER].invite, response);
	return any;
}

void pass_write(struct sip_writer *writer, const struct leg *caller)
{
	for (unsigned i = 0; i < 2; i++) {
		const char *text = caller->call->challenges[i];

		for (const char *end; text && (end = strchr(text, '\n')); text = end + 1)
			sip_writer_header(writer, sip_header_name(challenge_ids[i]),
					  (struct str){text, (size_t)(end - text)});
	}
}

/* The user part of a URI of ours is that which the phone dialled, in whatever spelling. */
static bool is_dialled(const char *ours, const struct sip_uri *dialled)
{
	char one[NUMBER_TEXT_MAX], other[NUMBER_TEXT_MAX];
	struct sip_uri uri;

	return dialled->scheme != SIP_SCHEME_TEL && sip_uri_parse(&uri, str_of(ours)) == 0 &&
	       number_normalise(one, uri.user) >= 0 &&
	       number_normalise(other, dialled->user) >= 0 && strcmp(one, other) == 0;
}

static int replace(char **field, char *text)
{
	if (!text)
		return -ENOMEM;
	free(*field);
	*field = text;
	return 0;
}

static int share_domain(struct dialog *dialog, struct str domain)
{
	bool v6 = memchr(domain.ptr, ':', domain.len);
	struct sip_name_addr local;
	char *text;

	if (sip_name_addr_parse(&local, str_of(dialog->local)) < 0)
		return 0;
	if (asprintf(&text, v6 ? "<sip:%.*s@[%.*s]>" : "<sip:%.*s@%.*s>", STR_FMT(local.uri.user),
		     STR_FMT(domain)) < 0)
		return -ENOMEM;
	return replace(&dialog->local, text);
}

int pass_begin(struct leg *callee, const struct sip_message *invite)
{
	struct dialog *dialog = &callee->dialog;
	struct str target = invite->request_uri_text;
	int result = 0;

	if (!pass_applies(callee))
		return 0;
	if (is_dialled(dialog->target, &invite->request_uri))
		result = replace(&dialog->target, strndup(target.ptr, target.len));
	if (result == 0 && !caller_id_is_private(callee->call->privacy) &&
	    str_caseeq(invite->from.uri.host, invite->request_uri.host))
		result = share_domain(dialog, invite->from.uri.host);
	return result;
}
