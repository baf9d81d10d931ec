/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/headers.h"

#include "b2bua/caller_id.h"
#include "b2bua/state.h"
#include "header/edit.h"

static bool has_rules(const struct config_peer *peer)
{
	return peer && (peer->header_rules.count || peer->dial_plan->header_rules.count);
}

static enum header_message kind_of(const struct sip_message *message)
{
	return header_message_of(message->method, message->status);
}

static void make_view(struct header_view *view, const struct config_peer *sender,
		      const struct sip_message *message)
{
	header_view_make(view, message);
	header_view_apply(view, kind_of(message), &sender->dial_plan->header_rules);
	header_view_apply(view, kind_of(message), &sender->header_rules);
}

const struct sip_message *headers_seen(struct header_view *view, const struct config_peer *sender,
				       const struct sip_message *message)
{
	if (!has_rules(sender))
		return message;
	make_view(view, sender, message);
	return &view->message;
}

/* ---- what passes ---- */

/* Provisional, success, refusal: what a response brings passes in one that says the same. */
static unsigned outcome_of(unsigned status)
{
	return status < 300 ? status / 100 : 3;
}

/* The message of the other side that ours, to leg, is made of; NULL: it is of our own. */
static const struct sip_message *source_of(const struct leg *leg, enum sip_method method,
					   unsigned status)
{
	const struct call *call = leg->call;
	const struct leg *caller = &call->leg[LEG_CALLER];
	const struct sip_message *heard = call->b2bua->heard;

	if (!status && method == SIP_METHOD_INVITE && call->state == CALL_EARLY)
		return leg->number == LEG_CALLEE && caller->invite
			   ? sip_server_request(caller->invite)
			   : NULL;
	if (!heard || call->b2bua->heard_by == leg || call->b2bua->heard_by->call != call ||
	    heard->method != method || !heard->status != !status)
		return NULL;
	return outcome_of(heard->status) == outcome_of(status) ? heard : NULL;
}

/* Whoever asked to be hidden is hidden from those who are not trusted, whatever the rules say. */
static enum header_privacy privacy_to(const struct leg *leg, const struct sip_message *seen)
{
	int privacy = leg->number == LEG_CALLEE ? (int)leg->call->privacy : caller_id_privacy(seen);

	if (leg->peer->trust)
		return HEADER_OPEN;
	return privacy < 0 || caller_id_is_private((unsigned)privacy) ? HEADER_HIDDEN : HEADER_OPEN;
}

/* By rule; and the relay says nothing itself of what passes so. */
static size_t pass_by_rule(struct header_view *view, const struct leg *leg, unsigned status,
			   char text[static HEADER_PASSED_TEXT_MAX])
{
	enum header_message kind = header_message_of(view->message.method, status);
	size_t length;

	header_view_pass(view, kind, &leg->peer->dial_plan->header_rules);
	header_view_pass(view, kind, &leg->peer->header_rules);
	length = header_view_lines(view, text, privacy_to(leg, &view->message));
	leg->call->b2bua->counters.headers_withheld += view->withheld;
	for (unsigned i = 0; i < view->message.header_count; i++)
		if (view->passes[i])
			view->message.header[i].id = SIP_HDR_OTHER;
	return length;
}

#define PASSING_MAX (HEADER_PASSED_TEXT_MAX + CALLER_ID_LINES_MAX)

/* The lines that the message to leg has of source: by rule, and who answers. */
static size_t passing(const struct leg *leg, const struct sip_message *source, unsigned status,
		      char text[static PASSING_MAX])
{
	const struct config_peer *from = leg->call->leg[!leg->number].peer;
	const struct sip_message *seen = source;
	struct header_view view;
	size_t length = 0;

	if (has_rules(from) || has_rules(leg->peer)) {
		make_view(&view, from, source);
		length = pass_by_rule(&view, leg, status, text);
		seen = &view.message;
	}
	if (status && source->method == SIP_METHOD_INVITE)
		length += caller_id_lines(text + length, leg, seen);
	return length;
}

static void add_passing(struct sip_writer *writer, const struct leg *leg, enum sip_method method,
			unsigned status)
{
	const struct sip_message *source = source_of(leg, method, status);
	char text[PASSING_MAX];

	if (source)
		header_edit_append(writer, (struct str){text, passing(leg, source, status, text)});
}

void headers_keep(struct secret *kept, const struct leg *leg, unsigned status)
{
	const struct sip_message *source = source_of(leg, SIP_METHOD_INVITE, status);
	char text[PASSING_MAX];
	size_t length = source ? passing(leg, source, status, text) : 0;

	secret_wipe(kept);
	if (length)
		secret_set(kept, (struct str){text, length});
}

/* ---- ours ---- */

static void apply(struct sip_writer *writer, struct b2bua *b2bua, const struct config_peer *to,
		  enum header_message kind)
{
	b2bua->counters.headers_withheld += header_edit(writer, kind, &to->dial_plan->header_rules);
	b2bua->counters.headers_withheld += header_edit(writer, kind, &to->header_rules);
}

void headers_of_request(struct sip_writer *writer, const struct leg *leg, enum sip_method method)
{
	add_passing(writer, leg, method, 0);
	if (has_rules(leg->peer))
		apply(writer, leg->call->b2bua, leg->peer, header_message_of(method, 0));
}

void headers_of_reply(struct sip_writer *writer, struct b2bua *b2bua, const struct leg *leg,
		      enum sip_method method, unsigned status, struct str kept)
{
	const struct config_peer *peer = leg ? leg->peer : b2bua->sender;

	if (kept.len)
		header_edit_append(writer, kept);
	else if (leg)
		add_passing(writer, leg, method, status);
	if (has_rules(peer))
		apply(writer, b2bua, peer, header_message_of(method, status));
}
