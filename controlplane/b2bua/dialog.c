/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/dialog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/random.h"

static char *copy(struct str text)
{
	return strndup(text.len ? text.ptr : "", text.len);
}

static char *copy_uri(const struct sip_name_addr *addr)
{
	char *text = NULL;

	return asprintf(&text, "<%.*s>", STR_FMT(addr->uri.whole)) < 0 ? NULL : text;
}

static int replace(char **field, char *text)
{
	if (!text)
		return -ENOMEM;
	free(*field);
	*field = text;
	return 0;
}

enum route_order { ROUTES_AS_WRITTEN, ROUTES_REVERSED };

/* The route set (12.1.1, 12.1.2) as one Route value. */
static int read_routes(char **routes, const struct sip_message *message, enum route_order order)
{
	const struct sip_header *header = NULL;
	struct str rest, item;
	size_t size = DIALOG_ROUTES_MAX;
	char *text = calloc(1, size), *next = NULL;
	int rc = -ENOMEM;

	if (!text)
		return rc;
	while ((header = sip_message_header(message, SIP_HDR_RECORD_ROUTE, header))) {
		rest = header->value;
		while (sip_list_next(&rest, &item)) {
			const char *comma = text[0] ? ", " : "";
			int length = order == ROUTES_AS_WRITTEN
					 ? asprintf(&next, "%s%s%.*s", text, comma, STR_FMT(item))
					 : asprintf(&next, "%.*s%s%s", STR_FMT(item), comma, text);

			if (length < 0)
				goto fail;
			free(text);
			text = next;
			rc = -E2BIG;
			if ((size_t)length >= DIALOG_ROUTES_MAX)
				goto fail;
		}
	}
	free(*routes);
	*routes = text[0] ? text : NULL;
	if (!*routes)
		free(text);
	return 0;
fail:
	free(text);
	return rc;
}

int dialog_refresh(struct dialog *dialog, const struct sip_message *message)
{
	if (!message->has_contact || message->contact.star)
		return 0;
	return replace(&dialog->target, copy(message->contact.uri.whole));
}

int dialog_accept(struct dialog *dialog, const struct sip_message *invite)
{
	dialog->remote_cseq = invite->cseq;
	dialog->remote_cseq_known = true;
	if (replace(&dialog->call_id, copy(invite->call_id)) < 0 ||
	    replace(&dialog->remote_tag, copy(invite->from.tag)) < 0 ||
	    replace(&dialog->local, copy_uri(&invite->to)) < 0 ||
	    replace(&dialog->remote, copy_uri(&invite->from)) < 0 ||
	    dialog_refresh(dialog, invite) < 0)
		return -ENOMEM;
	return read_routes(&dialog->routes, invite, ROUTES_AS_WRITTEN);
}

int dialog_start(struct dialog *dialog, const char *local, const char *remote, const char *target)
{
	char call_id[33];

	random_text(call_id, 32);
	if (replace(&dialog->call_id, strdup(call_id)) < 0 ||
	    replace(&dialog->local, strdup(local)) < 0 ||
	    replace(&dialog->remote, strdup(remote)) < 0 ||
	    replace(&dialog->target, strdup(target)) < 0)
		return -ENOMEM;
	return 0;
}

int dialog_confirm(struct dialog *dialog, const struct sip_message *response)
{
	if (!response->to.tag.len)
		return -EBADMSG;
	if (replace(&dialog->remote_tag, copy(response->to.tag)) < 0 ||
	    dialog_refresh(dialog, response) < 0)
		return -ENOMEM;
	dialog->confirmed = true;
	return read_routes(&dialog->routes, response, ROUTES_REVERSED);
}

int dialog_fork(struct dialog *fork, const struct dialog *dialog,
		const struct sip_message *response)
{
	*fork = (struct dialog){.local_cseq = dialog->local_cseq};
	memcpy(fork->local_tag, dialog->local_tag, sizeof(fork->local_tag));
	if (replace(&fork->call_id, strdup(dialog->call_id)) < 0 ||
	    replace(&fork->local, strdup(dialog->local)) < 0 ||
	    replace(&fork->remote, strdup(dialog->remote)) < 0 ||
	    replace(&fork->target, strdup(dialog->target)) < 0)
		return -ENOMEM;
	return dialog_confirm(fork, response);
}

int dialog_fork_of(struct dialog *fork, const struct sip_message *ack,
		   const struct sip_message *response)
{
	*fork = (struct dialog){.local_cseq = ack->cseq};
	snprintf(fork->local_tag, sizeof(fork->local_tag), "%.*s", STR_FMT(ack->from.tag));
	if (replace(&fork->call_id, copy(ack->call_id)) < 0 ||
	    replace(&fork->local, copy_uri(&ack->from)) < 0 ||
	    replace(&fork->remote, copy_uri(&ack->to)) < 0 ||
	    replace(&fork->target, copy(ack->request_uri_text)) < 0)
		return -ENOMEM;
	return dialog_confirm(fork, response);
}

void dialog_free(struct dialog *dialog)
{
	free(dialog->call_id);
	free(dialog->remote_tag);
	free(dialog->local);
	free(dialog->remote);
	free(dialog->target);
	free(dialog->routes);
	*dialog = (struct dialog){0};
}

bool dialog_matches(const struct dialog *dialog, const struct sip_message *message)
{
	return dialog->remote_tag && str_eq(message->call_id, str_of(dialog->call_id)) &&
	       str_eq(message->to.tag, str_of(dialog->local_tag)) &&
	       str_eq(message->from.tag, str_of(dialog->remote_tag));
}

/* ---- strict routers (RFC 3261 12.2.1.1, 16.4) ---- */

/* The first of the route set, if it is of an element that does not know lr; rest: the others. */
static bool strict_route(const struct dialog *dialog, struct sip_uri *uri, struct str *rest)
{
	struct sip_name_addr first;
	struct str item;

	*rest = str_of(dialog->routes);
	if (!rest->len || !sip_list_next(rest, &item) || sip_name_addr_parse(&first, item) < 0 ||
	    sip_param(first.uri.params, "lr").ptr)
		return false;
	while (rest->len && rest->ptr[0] == ' ')
		*rest = (struct str){rest->ptr + 1, rest->len - 1};
	*uri = first.uri;
	return true;
}

struct str dialog_request_uri(const struct dialog *dialog)
{
	struct sip_uri uri;
	struct str rest;

	if (!strict_route(dialog, &uri, &rest))
		return str_of(dialog->target);
	if (uri.headers.ptr) /* which have no place in a Request-URI */
		uri.whole.len = (size_t)(uri.headers.ptr - uri.whole.ptr) - 1;
	return uri.whole;
}

/* What a strict router takes the next Request-URI from is at the end of the list. */
static void write_routes(struct sip_writer *writer, const struct dialog *dialog)
{
	struct sip_uri uri;
	struct str rest;

	if (strict_route(dialog, &uri, &rest))
		sip_writer_headerf(writer, "Route", "%.*s%s<%s>", STR_FMT(rest),
				   rest.len ? ", " : "", dialog->target);
	else if (dialog->routes)
		sip_writer_header(writer, "Route", str_of(dialog->routes));
}

void dialog_write(struct sip_writer *writer, const struct dialog *dialog, const char *method,
		  uint32_t cseq)
{
	sip_writer_headerf(writer, "From", "%s;tag=%s", dialog->local, dialog->local_tag);
	if (dialog->remote_tag && dialog->remote_tag[0])
		sip_writer_headerf(writer, "To", "%s;tag=%s", dialog->remote, dialog->remote_tag);
	else
		sip_writer_header(writer, "To", str_of(dialog->remote));
	sip_writer_header(writer, "Call-ID", str_of(dialog->call_id));
	sip_writer_headerf(writer, "CSeq", "%u %s", cseq, method);
	write_routes(writer, dialog);
}
