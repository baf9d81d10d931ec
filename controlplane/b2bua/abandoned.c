/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/abandoned.h"

#include <stdlib.h>
#include <string.h>

#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "b2bua/unwanted.h"

struct abandoned {
	struct client_user user; /* first */
	TAILQ_ENTRY(abandoned) link;
	struct b2bua *b2bua;
	const struct config_peer *peer;
	const struct config_listener *listener;
	struct dialog dialog;
	struct credential_said said;
	uint32_t cseq;
};

static void forget(struct abandoned *abandoned)
{
	TAILQ_REMOVE(&abandoned->b2bua->abandoned, abandoned, link);
	dialog_free(&abandoned->dialog);
	credential_said_wipe(&abandoned->said);
	free(abandoned);
}

void abandoned_free_all(struct b2bua *b2bua)
{
	struct abandoned *abandoned;

	while ((abandoned = TAILQ_FIRST(&b2bua->abandoned)))
		forget(abandoned);
}

/* Somebody has answered in the moment of the CANCEL, or never got it. */
static void hang_up(const struct abandoned *abandoned, const struct sip_message *response,
		    const struct sip_flow *flow)
{
	const struct unwanted unwanted = {
	    .b2bua = abandoned->b2bua,
	    .listener = abandoned->listener,
	    .said = &abandoned->said,
	    .cseq = abandoned->cseq,
	};
	struct dialog dialog = {0};

	if (dialog_fork(&dialog, &abandoned->dialog, response) == 0)
		unwanted_end(&unwanted, &dialog, flow);
	dialog_free(&dialog);
}

static void response(struct client_user *user, struct sip_client *client,
		     const struct sip_message *response, const struct sip_flow *flow)
{
	struct abandoned *abandoned = (struct abandoned *)user;

	if (abandoned->b2bua->sender != abandoned->peer) {
		abandoned->b2bua->counters.wrong_sender++;
		return;
	}
	if (response->status < 200)
		return; /* a CANCEL that waited for it has gone out */
	if (response->status < 300)
		hang_up(abandoned, response, flow);
	sip_client_detach(client);
	forget(abandoned);
}

static void ended(struct client_user *user, struct sip_client *client, enum sip_client_end reason)
{
	(void)client;
	(void)reason;
	forget((struct abandoned *)user);
}

static const struct client_user_ops ops = {.response = response, .ended = ended};

void abandoned_take(struct leg *leg)
{
	struct b2bua *b2bua = leg->call->b2bua;
	struct abandoned *abandoned = calloc(1, sizeof(*abandoned));
	struct credential_said said = {0};
	uint32_t cseq = leg->our_invite->cseq;
	struct sip_client *client = uac_release(leg, &said);

	if (client)
		sip_client_cancel(client, NULL, b2bua_now_ms(b2bua));
	if (!client || !abandoned) {
		/* it never went out; or there is no memory to hear more of it */
		if (client)
			sip_client_detach(client);
		credential_said_wipe(&said);
		free(abandoned);
		return;
	}
	*abandoned = (struct abandoned){
	    .user.ops = &ops,
	    .b2bua = b2bua,
	    .peer = leg->peer,
	    .listener = leg->listener,
	    .dialog = leg->dialog,
	    .said = said,
	    .cseq = cseq,
	};
	leg->dialog = (struct dialog){0};
	/* the leg is still found by its tag until it gets another one */
	memcpy(leg->dialog.local_tag, abandoned->dialog.local_tag, sizeof(leg->dialog.local_tag));
	sip_client_set_user(client, &abandoned->user);
	TAILQ_INSERT_TAIL(&b2bua->abandoned, abandoned, link);
}
