/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "churn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "phones.h"

#define BOTH (SLUICE_DIR_RX | SLUICE_DIR_TX)

/* xorshift64 */
static uint32_t draw(struct churn *churn, uint32_t below)
{
	churn->random ^= churn->random << 13;
	churn->random ^= churn->random >> 7;
	churn->random ^= churn->random << 17;
	return (uint32_t)(churn->random >> 32) % below;
}

/* One call in eight has other keys than its phones, as if a re-key had crossed packets. */
static struct sluice_key key_of(struct churn *churn)
{
	struct sluice_key key = phones_key;

	key.key[0] ^= draw(churn, 8) == 0;
	return key;
}

static void set_leg(struct churn *churn, const struct sluice_set *request)
{
	int rc = sessions_set(churn->sessions, request);

	/* contexts of calls that are being closed may all be waiting for their workers */
	assert_true(rc == 0 || rc == -ENOMEM);
}

static void call_open(struct churn *churn, uint64_t id)
{
	struct sluice_open request = {
	    .session = id,
	    .leg = {{.interface = "inside", .family = 4}, {.interface = "outside", .family = 4}}};
	struct sluice_set leg = {
	    .session = id,
	    .direction = BOTH,
	    .latch = SLUICE_LATCH_ANY,
	    .mask = SLUICE_SET_REMOTE | SLUICE_SET_RX_KEY | SLUICE_SET_TX_KEY |
		    SLUICE_SET_DIRECTION | SLUICE_SET_LATCH,
	    .rtcp_mux = 1,
	    .remote_rtp = phones_inside,
	};
	struct sluice_open_reply reply;

	assert_int_equal(sessions_open(churn->sessions, &request, &reply), 0);
	churn->open[id - 1] = true;
	churn->opened++;
	set_leg(churn, &leg);
	leg.leg = 1;
	leg.remote_rtp = phones_outside;
	leg.rx[0] = key_of(churn);
	leg.tx = phones_key;
	set_leg(churn, &leg);
}

static void call_close(struct churn *churn, uint64_t id)
{
	struct sluice_session_info info;

	assert_int_equal(sessions_close(churn->sessions, id, &info), 0);
	churn->open[id - 1] = false;
	for (unsigned leg = 0; leg < 2; leg++)
		churn->received += info.leg[leg].counters.received;
}

static void call_rekey(struct churn *churn, uint64_t id)
{
	struct sluice_set request = {.session = id,
				     .leg = 1,
				     .mask = SLUICE_SET_RX_KEY | SLUICE_SET_TX_KEY,
				     .rx = {key_of(churn)},
				     .tx = key_of(churn)};

	set_leg(churn, &request);
}

static void call_change(struct churn *churn, uint64_t id)
{
	static const uint8_t directions[] = {0, SLUICE_DIR_RX, SLUICE_DIR_TX, BOTH, BOTH, BOTH};
	struct sluice_set request = {
	    .session = id,
	    .leg = (uint8_t)draw(churn, 2),
	    .mask = SLUICE_SET_DIRECTION | SLUICE_SET_DSCP | SLUICE_SET_RATE | SLUICE_SET_TIMEOUT,
	    .direction = directions[draw(churn, sizeof(directions))],
	    .dscp = (uint8_t)draw(churn, 64),
	    .rate_pps = draw(churn, 3) * 1000,
	    .media_timeout_ms = draw(churn, 2) * 50,
	    .rtcp_mux = 1,
	};

	if (draw(churn, 2)) {
		request.mask |= SLUICE_SET_PAYLOADS;
		request.payload_count = 1;
		request.payload[0] = (struct sluice_payload){.type = 0,
							     .other = (uint8_t)draw(churn, 96),
							     .codec = SLUICE_CODEC_G711,
							     .clock_hz = 8000};
	}
	set_leg(churn, &request);
}

static void call_latch(struct churn *churn, uint64_t id)
{
	struct sluice_set request = {.session = id,
				     .mask = SLUICE_SET_LATCH | SLUICE_SET_REMOTE,
				     .latch = (uint8_t)draw(churn, SLUICE_LATCH_ANY + 1),
				     .remote_rtp = phones_inside};

	set_leg(churn, &request);
}

static void call_look(struct churn *churn, uint64_t id)
{
	struct sluice_session_info info;
	struct sluice_stats stats = {0};

	assert_int_equal(sessions_get(churn->sessions, id, &info), 0);
	assert_int_equal(info.session, id);
	sessions_stats(churn->sessions, &stats);
	assert_true(stats.relayed <= stats.received);
}

static void call_capture(struct churn *churn, uint64_t id)
{
	struct sluice_capture request = {.session = id,
					 .action = draw(churn, 3) ? SLUICE_CAPTURE_START
								  : SLUICE_CAPTURE_STOP,
					 .call = "churn"};
	struct sluice_capture_info info;

	if (request.action == SLUICE_CAPTURE_START)
		request.mode =
		    (uint8_t)(draw(churn, 2) ? SLUICE_CAPTURE_WIRE : SLUICE_CAPTURE_DECRYPTED);
	else
		request.call[0] = '\0';
	/* as many as may, or none to stop: any answer will do but silence */
	(void)sessions_capture(churn->sessions, &request, &info);
}

void churn_step(struct churn *churn)
{
	/* how often each, of calls that are there */
	static void (*const changes[])(struct churn *, uint64_t) = {
	    call_close,  call_close, call_close, call_rekey, call_rekey,  call_change,
	    call_change, call_latch, call_look,  call_look,  call_capture};
	uint64_t id = 1 + draw(churn, CHURN_CALLS);

	if (churn->open[id - 1])
		changes[draw(churn, sizeof(changes) / sizeof(changes[0]))](churn, id);
	else
		call_open(churn, id);
	if (++churn->asked % 8 == 0)
		sessions_tick(churn->sessions);
}

void churn_end(struct churn *churn)
{
	for (uint64_t id = 1; id <= CHURN_CALLS; id++)
		if (churn->open[id - 1])
			call_close(churn, id);
}
