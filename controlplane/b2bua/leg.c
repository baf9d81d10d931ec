/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/call.h"
#include "b2bua/host.h"
#include "b2bua/random.h"
#include "b2bua/registration/phone.h"
#include "b2bua/reply.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"

/* Tags of ours are sixteen lower-case hexadecimal digits; everything else is nobody's. */
static bool tag_number(struct str tag, uint64_t *number)
{
	*number = 0;
	if (tag.len != DIALOG_TAG_DIGITS)
		return false;
	for (size_t i = 0; i < tag.len; i++) {
		char c = tag.ptr[i];

		if (c >= '0' && c <= '9')
			*number = *number << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*number = *number << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	return true;
}

struct leg *leg_by_tag(const struct b2bua *b2bua, struct str tag)
{
	struct table_entry *entry;
	uint64_t number;

	if (!tag_number(tag, &number))
		return NULL;
	entry = table_find(&b2bua->dialogs, number);
	return entry ? TABLE_OWNER(entry, struct leg, by_tag) : NULL;
}

static struct dialog *find_dialog(struct leg *leg, const struct sip_message *message)
{
	struct early *early;

	if (dialog_matches(&leg->dialog, message))
		return &leg->dialog;
	early = early_find(leg, message->from.tag);
	return early && dialog_matches(&early->dialog, message) ? &early->dialog : NULL;
}

struct leg *leg_find(const struct b2bua *b2bua, const struct sip_message *message,
		     const struct config_peer *sender, struct dialog **dialog)
{
	struct leg *leg = leg_by_tag(b2bua, message->to.tag);

	*dialog = leg && leg->peer == sender ? find_dialog(leg, message) : NULL;
	return *dialog ? leg : NULL;
}

struct dialog *leg_dialog(struct leg *leg)
{
	return !leg->dialog.confirmed && leg->early_now ? &leg->early_now->dialog : &leg->dialog;
}

void leg_register(struct leg *leg)
{
	struct table *dialogs = &leg->call->b2bua->dialogs;
	uint64_t number;

	do {
		number = random_number();
	} while (table_find(dialogs, number));
	snprintf(leg->dialog.local_tag, sizeof(leg->dialog.local_tag), "%016" PRIx64, number);
	table_add(dialogs, &leg->by_tag, number);
}

void leg_meet(struct leg *leg, const struct config_peer *peer)
{
	leg->peer = peer;
	leg->listener = peer->listener;
	leg->security = peer->dial_plan->security == SECURITY_SECURED ? RELAY_SRTP : RELAY_RTP;
	/* the two sides see different numbers, so that o= does not link the legs */
	leg->session_id = random_number();
	leg_register(leg);
}

static void move_secret(struct secret *to, struct secret *from)
{
	secret_wipe(to);
	*to = *from;
	*from = (struct secret){0};
}

static void move_dialog(struct leg *to, struct leg *from)
{
	struct table *dialogs = &to->call->b2bua->dialogs;
	uint64_t tag = from->by_tag.key;

	table_remove(dialogs, &to->by_tag);
	table_remove(dialogs, &from->by_tag);
	dialog_free(&to->dialog);
	to->dialog = from->dialog;
	from->dialog = (struct dialog){0};
	table_add(dialogs, &to->by_tag, tag);
	leg_register(from);
}

void leg_adopt(struct leg *to, struct leg *from)
{
	move_dialog(to, from);
	to->listener = from->listener;
	to->sips = from->sips;
	leg_flow_set(to, from->has_flow ? &from->flow : NULL);
	to->peer_allows = from->peer_allows;
	to->invite_cseq = from->invite_cseq;
	to->session_id = from->session_id;
	to->said_version = from->said_version;
	to->last_address = from->last_address;
	to->last_port = from->last_port;
	agreed_take_heard(&to->media, &from->media);
	move_secret(&to->said_text, &from->said_text);
	move_secret(&to->heard_text, &from->heard_text);
	to->session = from->session;
	from->session = (struct session_timer){0};
	session_timer_resume(to);
}

/* All that was said, heard and agreed. */
static void forget_all(struct leg *leg)
{
	early_forget_all(leg);
	credential_free(&leg->credential);
	dialog_free(&leg->dialog);
	secret_wipe(&leg->said_text);
	secret_wipe(&leg->heard_text);
	agreed_wipe(&leg->media);
	if (leg->next)
		explicit_bzero(leg->next, sizeof(*leg->next));
	leg->installed = false;
}

void leg_restart(struct leg *leg, const struct config_peer *peer)
{
	table_remove(&leg->call->b2bua->dialogs, &leg->by_tag);
	leg_timers_stop(leg);
	/* a PRACK may be under way: whatever becomes of it, it is of the old dialog */
	uac_forget_leg(leg);
	leg->under_way = 0;
	forget_all(leg);
	leg->credential = (struct credential){0};
	leg->sips = false;
	leg->session = (struct session_timer){0};
	leg_flow_set(leg, NULL);
	leg->peer_allows = 0;
	leg->reoffer = 0;
	leg->rekey_refusals = 0;
	leg->said_version = 0;
	leg->told_version = 0;
	leg->last_address = (struct sdp_address){0};
	leg->last_port = 0;
	leg_meet(leg, peer);
}

void leg_free(struct leg *leg)
{
	table_remove(&leg->call->b2bua->dialogs, &leg->by_tag);
	leg_flow_set(leg, NULL);
	uac_forget_leg(leg);
	leg_timers_stop(leg);
	reliable_forget(leg);
	forget_all(leg);
}

/* A phone is reached by its own connection, whatever reuse says (RFC 5626 5.3): the one that it
 * registered by, or that it called us by. */
static bool is_usable(const struct leg *leg)
{
	const struct b2bua *b2bua = leg->call->b2bua;

	return leg->flow.transport == SIP_UDP ||
	       (net_connection_peer(b2bua->net, leg->flow.connection) == leg->peer &&
		(leg->peer->registrar || net_flow_reusable(b2bua->net, &leg->flow)));
}

const struct sip_flow *leg_flow(const struct leg *leg)
{
	if (!leg->has_flow)
		return NULL;
	return is_usable(leg) ? &leg->flow
			      : phone_flow(leg->call->b2bua->phones, leg->peer, leg->dialog.remote,
					   leg->dialog.target);
}

void leg_flow_set(struct leg *leg, const struct sip_flow *flow)
{
	struct net *net = leg->call->b2bua->net;

	if (flow)
		net_connection_hold(net, flow->connection);
	if (leg->has_flow)
		net_connection_unhold(net, leg->flow.connection);
	leg->has_flow = flow != NULL;
	if (flow)
		leg->flow = *flow;
}

void leg_bye(struct leg *leg, const char *reason)
{
	struct uac_request request = {.method = SIP_METHOD_BYE, .reason = reason};

	if (!leg->dialog.confirmed)
		return;
	if (leg->invite && leg->invite_answered) {
		leg->bye_due = true;
		leg->bye_reason = reason;
		return;
	}
	leg->dialog.confirmed = false; /* one BYE is enough */
	uac_send(leg, &request);
}

void leg_contact(const struct leg *leg, char *text, size_t size)
{
	char host[HOST_TEXT_MAX];

	host_port_format(leg->listener, host, sizeof(host));
	if (leg->sips && leg->listener->transport == SIP_TLS) /* which says the transport, too */
		snprintf(text, size, "<sips:%s>", host);
	else
		snprintf(text, size, "<sip:%s%s>", host,
			 host_transport_param(leg->listener->transport));
}

void leg_refuse_invite(struct leg *leg, const struct verdict *verdict)
{
	struct reply reply = {.leg = leg, .verdict = verdict};
	struct sip_server *server = leg->invite;

	if (!server || leg->invite_answered)
		return;
	leg->invite = NULL;
	reliable_forget(leg);
	sip_server_set_user(server, NULL);
	reply_send(leg->call->b2bua, server, &reply);
}
