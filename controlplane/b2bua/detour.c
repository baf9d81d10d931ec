/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/detour.h"

#include <errno.h>
#include <stdlib.h>

#include "b2bua/state.h"

struct detour {
	TAILQ_ENTRY(detour) link;
	struct b2bua *b2bua;
	uint64_t connection; /* that is gone */
};

/* Requests of ours go the new way, too. */
static void move_legs(struct b2bua *b2bua, uint64_t connection, const struct sip_flow *flow)
{
	struct call *call;

	TAILQ_FOREACH (call, &b2bua->all, link)
		for (unsigned i = 0; i < 2; i++) {
			struct leg *leg = &call->leg[i];

			if (leg->has_flow && leg->flow.connection == connection)
				leg_flow_set(leg, flow);
		}
}

static void arrive(struct b2bua *b2bua, uint64_t connection, const struct sip_flow *flow)
{
	if (flow) {
		b2bua->counters.detours++;
		move_legs(b2bua, connection, flow);
	}
	sip_transactions_connection_moved(b2bua->transactions, connection, flow,
					  b2bua_now_ms(b2bua));
}

static void ready(void *user, int status, const struct sip_flow *flow, const char *error)
{
	struct detour *detour = user;
	struct b2bua *b2bua = detour->b2bua;

	(void)error; /* net has said it: PEER_DOWN */
	b2bua_enter(b2bua);
	arrive(b2bua, detour->connection, status == 0 ? flow : NULL);
	TAILQ_REMOVE(&b2bua->detours, detour, link);
	free(detour);
	b2bua_leave(b2bua);
}

void detour_begin(struct b2bua *b2bua, const struct config_peer *peer, uint64_t connection)
{
	struct detour *detour;

	if (!sip_transactions_connection_moving(b2bua->transactions, connection,
						b2bua_now_ms(b2bua)))
		return;
	/* of many phones with one identity: another connection of theirs is another phone's */
	detour = peer->registrar ? NULL : malloc(sizeof(*detour));
	if (!detour) {
		arrive(b2bua, connection, NULL);
		return;
	}
	*detour = (struct detour){.b2bua = b2bua, .connection = connection};
	TAILQ_INSERT_TAIL(&b2bua->detours, detour, link);
	if (net_flow(b2bua->net, peer, ready, detour) < 0)
		ready(detour, -ENOTCONN, NULL, NULL);
}

void detour_forget_all(struct b2bua *b2bua)
{
	struct detour *detour;

	while ((detour = TAILQ_FIRST(&b2bua->detours))) {
		TAILQ_REMOVE(&b2bua->detours, detour, link);
		net_flow_forget(b2bua->net, detour);
		free(detour);
	}
}
