/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disturbances, and the call that is attacked. */
#include "scene.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../micro/samples.h"
#include "flood.h"
#include "worker/srtp_burst.h"

#define ATTACKED 0xa77ac4edU /* ids that no call of calls.h has */
#define CHURNED 0x100000000U
#define CHURN_DEPTH 100U /* calls that live, of those opened */

static struct sluice_addr phone(unsigned leg, uint16_t port)
{
	return (struct sluice_addr){
	    .family = 4, .port = port, .ip = {198, (uint8_t)(18 + leg), 255, 1}};
}

static int session_open(struct scene *scene, uint64_t id, struct sluice_open_reply *reply)
{
	struct sluice_open open = {
	    .session = id,
	    .leg = {{.interface = "inside", .family = 4}, {.interface = "outside", .family = 4}}};

	return sessions_open(scene->world->sessions, &open, reply);
}

/* As the control plane does it: both keys, the address, everything else. */
static int leg_set(struct scene *scene, uint64_t id, unsigned leg, uint16_t port)
{
	static const struct sluice_key key = {
	    .suite = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, .key_len = 30, .key = {1, 2, 3}};
	struct sluice_set set = {.session = id,
				 .leg = (uint8_t)leg,
				 .direction = SLUICE_DIR_RX | SLUICE_DIR_TX,
				 .mask = SLUICE_SET_REMOTE | SLUICE_SET_RX_KEY | SLUICE_SET_TX_KEY |
					 SLUICE_SET_DIRECTION | SLUICE_SET_LATCH | SLUICE_SET_RATE,
				 .rate_pps = 150,
				 .rtcp_mux = 1,
				 .remote_rtp = phone(leg, port)};

	if (leg)
		set.rx[0] = set.tx = key;
	return sessions_set(scene->world->sessions, &set);
}

static int call_open(struct scene *scene, uint64_t id, struct sluice_open_reply *reply)
{
	uint16_t port = (uint16_t)(20000 + 2 * (id % 10000));
	int rc = session_open(scene, id, reply);

	rc = rc ? rc : leg_set(scene, id, 0, port);
	return rc ? rc : leg_set(scene, id, 1, port);
}

static int call_close(struct scene *scene, uint64_t id)
{
	struct sluice_session_info info;

	return sessions_close(scene->world->sessions, id, &info);
}

int scene_open(struct scene *scene)
{
	struct sluice_open_reply reply;
	int rc = call_open(scene, ATTACKED, &reply);

	scene->attacked = reply.local[1];
	scene->attacked_peer = phone(1, (uint16_t)(20000 + 2 * (ATTACKED % 10000)));
	world_settle(scene->world);
	return rc;
}

void scene_close(struct scene *scene)
{
	call_close(scene, ATTACKED);
	world_settle(scene->world);
}

/* ---- opens and closes ---- */

static int opens_begin(struct scene *scene)
{
	scene->worker_cycles = 0;
	return 0;
}

/* As many as are due, by the time that the worker has worked: it is what they would disturb. */
static void opens_between(struct scene *scene, uint64_t cycles)
{
	uint64_t due, begin = tsc_now(), done = 0;

	scene->worker_cycles += cycles;
	due = (uint64_t)((double)scene->worker_cycles / scene->hz * scene->opens_per_s);
	for (; done < due; done++) {
		struct sluice_open_reply reply;

		if (call_open(scene, CHURNED + scene->opened++, &reply))
			fprintf(stderr, "disturb: a call cannot be opened\n");
		if (scene->opened - scene->closed > CHURN_DEPTH &&
		    call_close(scene, CHURNED + scene->closed++))
			fprintf(stderr, "disturb: a call cannot be closed\n");
	}
	if (!due)
		return;
	scene->worker_cycles -= (uint64_t)((double)due * scene->hz / scene->opens_per_s);
	sessions_tick(scene->world->sessions);
	scene->main_cycles += tsc_now() - begin;
}

static int opens_end(struct scene *scene)
{
	while (scene->closed < scene->opened)
		if (call_close(scene, CHURNED + scene->closed++))
			return -EIO;
	world_settle(scene->world);
	return 0;
}

/* ---- captures: of the first calls that are measured, so that there is something to capture ----
 */

static int capture_ask(struct scene *scene, uint64_t id, uint8_t action, uint8_t mode)
{
	struct sluice_capture request = {.session = id, .action = action, .mode = mode};
	struct sluice_capture_info info;

	if (action == SLUICE_CAPTURE_START)
		snprintf(request.call, sizeof(request.call), "call%lu", id);
	return sessions_capture(scene->world->sessions, &request, &info);
}

static int captures_begin(struct scene *scene, unsigned count, uint8_t mode)
{
	int rc = 0;

	for (unsigned id = 1; id <= count && !rc; id++)
		rc = capture_ask(scene, id, SLUICE_CAPTURE_START, mode);
	world_settle(scene->world);
	return rc;
}

static int capture_one_begin(struct scene *scene)
{
	return captures_begin(scene, 1, SLUICE_CAPTURE_WIRE);
}

static int capture_many_begin(struct scene *scene)
{
	return captures_begin(scene, SCENE_CAPTURES, SLUICE_CAPTURE_DECRYPTED);
}

static int captures_stop(struct scene *scene)
{
	for (unsigned id = 1; id <= SCENE_CAPTURES; id++)
		capture_ask(scene, id, SLUICE_CAPTURE_STOP, SLUICE_CAPTURE_OFF);
	/* the writer completes the files within some of its turns */
	for (unsigned i = 0; i < 20; i++) {
		world_settle(scene->world);
		usleep(5000);
	}
	return 0;
}

static void tick_between(struct scene *scene, uint64_t cycles)
{
	(void)cycles;
	sessions_tick(scene->world->sessions);
}

/* ---- the table ---- */

const struct disturbance disturbances[] = {
    {.name = "quiet", .what = "nothing else"},
    {.name = "opens",
     .what = "calls opened, set up and closed",
     .begin = opens_begin,
     .between = opens_between,
     .end = opens_end},
    {.name = "capture-1",
     .what = "one of the calls is captured as on the wire",
     .begin = capture_one_begin,
     .between = tick_between,
     .end = captures_stop},
    {.name = "capture-16",
     .what = "16 of the calls are captured decrypted",
     .begin = capture_many_begin,
     .between = tick_between,
     .end = captures_stop},
    {.name = "unknown-port",
     .what = "packets to a port of no call",
     .begin = flood_unknown_port,
     .besides = flood_put},
    {.name = "malformed",
     .what = "packets that are no RTP",
     .begin = flood_malformed,
     .besides = flood_put},
    {.name = "source",
     .what = "packets from another address",
     .begin = flood_source,
     .besides = flood_put},
    {.name = "forged",
     .what = "forged packets from the peer's own address",
     .begin = flood_forged,
     .besides = flood_put},
};
const unsigned disturbance_count = sizeof(disturbances) / sizeof(disturbances[0]);
