/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call from INVITE to BYE through the whole of the b2bua, with a re-INVITE, a refusal and a
 * caller who gives up, in the world of its unit tests. For the failing allocator: whatever is
 * refused on the way, all is freed in the end.
 */
#include "world.h"

static bool invited(const struct world *world)
{
	return world->phone[BOB].invite != NULL;
}

static void answered_call(struct world *world)
{
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	if (!invited(world))
		return;
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
}

static void other_calls(struct world *world)
{
	phone_invites(world, CAROL, "2002", sdp_rtp_carol);
	if (!invited(world))
		return;
	phone_answers(world, BOB, "INVITE", 486, NULL);
	phone_invites(world, CAROL, "2002", sdp_rtp_carol);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_cancels(world, CAROL);
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	world_disconnect(world, ALICE);
}

int main(void)
{
	void *state;
	struct world *world;

	if (world_setup(&state) < 0)
		return 0;
	world = state;
	answered_call(world);
	other_calls(world);
	world_advance(world, 100000);
	return world_teardown(&state);
}
