/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of the media API, good and bad, in any order, at a data plane without packets.
 *
 * Input: requests, each a byte of flags and type, one of length, bytes of the body. What must hold
 * whatever they are: a request that is refused changes nothing that can be counted; sessions and
 * media ports agree; nothing of a closed session stays.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "main/requests.h"
#include "session/session.h"
#include "sluice_types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SESSIONS 4U
#define REQUESTS_MAX 64U

enum {
	FLAG_RAW = 0x80,   /* header and length as the input has them */
	FLAG_NAMES = 0x40, /* interfaces that there are, and a session id that is likely */
	FLAG_TURN = 0x20,  /* the worker takes its mail first */
	FLAG_TYPE = 0x0f,
};

struct plane {
	struct port port;
	struct interfaces interfaces;
	struct worker *worker;
	struct sessions *sessions;
	struct requests requests;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void event_ignore(void *user, const struct sluice_event *event)
{
	(void)user;
	(void)event;
}

static void status_ignore(void *user, struct sluice_status *status)
{
	(void)user;
	(void)status;
}

static void interface_make(struct plane *plane, const char *name, const char *ip)
{
	struct port_address address = {.family = 4};
	struct interface_config config = {.name = name,
					  .port = &plane->port,
					  .address_count = 1,
					  .address = &address,
					  .media_port_first = 20000,
					  .media_port_last = 20007};

	inet_pton(AF_INET, ip, address.ip);
	must(interfaces_add(&plane->interfaces, &config) == 0);
}

static void plane_make(struct plane *plane)
{
	static struct worker_config worker;
	struct sessions_config config = {.max_sessions = MAX_SESSIONS,
					 .worker_count = 1,
					 .workers = &plane->worker,
					 .interfaces = &plane->interfaces,
					 .engine = &crypto_engine_ipsec_mb,
					 .on_event = event_ignore};

	*plane = (struct plane){.interfaces.worker_count = 1};
	plane->port.kind = PORT_RING;
	plane->port.mtu = 1500;
	interface_make(plane, "voice", "192.0.2.1");
	interface_make(plane, "trunk", "198.51.100.1");
	worker = (struct worker_config){.engine = &crypto_engine_ipsec_mb};
	interfaces_describe(&plane->interfaces, &worker);
	must(worker_new(&plane->worker, &worker) == 0);
	must(sessions_new(&plane->sessions, &config) == 0);
	plane->requests =
	    (struct requests){.sessions = plane->sessions, .boot_id = 1, .status = status_ignore};
}

static unsigned ports_used(const struct plane *plane)
{
	return interfaces_used(&plane->interfaces, 0) + interfaces_used(&plane->interfaces, 1);
}

static void names_put(unsigned type, uint8_t *body, uint8_t choice)
{
	uint64_t session = 1 + choice % (MAX_SESSIONS + 2);
	struct sluice_open *open = (void *)body;

	if (type == SLUICE_OPEN)
		for (unsigned i = 0; i < 2; i++) {
			memset(open->leg[i].interface, 0, sizeof(open->leg[i].interface));
			memcpy(open->leg[i].interface, i ? "trunk" : "voice", 5);
			open->leg[i].family = 4;
		}
	if (type >= SLUICE_OPEN && type <= SLUICE_GET)
		memcpy(body, &session, sizeof(session));
}

/* 0: carried out. */
static int request_do(struct plane *plane, const uint8_t *input, size_t length, uint8_t flags)
{
	static struct {
		struct sluice_header header;
		_Alignas(8) uint8_t body[SLUICE_MEDIA_FRAME_MAX];
	} frame;
	static _Alignas(8) uint8_t answer[SLUICE_MEDIA_FRAME_MAX];
	const struct sluice_type_info *info = sluice_type_info(flags & FLAG_TYPE);
	uint32_t count = sessions_count(plane->sessions);
	unsigned used = ports_used(plane);
	char text[128];
	int rc;

	memset(&frame, 0, sizeof(frame));
	frame.header = (struct sluice_header){.version = SLUICE_MEDIA_API_VERSION,
					      .type = flags & FLAG_TYPE,
					      .id = 1,
					      .length = info ? info->request_length : 0};
	if (flags & FLAG_RAW && length >= sizeof(frame.header)) {
		memcpy(&frame.header, input, sizeof(frame.header));
		input += sizeof(frame.header);
		length -= sizeof(frame.header);
	}
	memcpy(frame.body, input, length);
	if (flags & FLAG_NAMES && length)
		names_put(frame.header.type, frame.body, input[0]);
	if (!request_check(&frame.header, frame.body,
			   sizeof(frame.header) + (flags & FLAG_RAW ? length : frame.header.length),
			   text, sizeof(text)))
		return -EBADMSG;
	rc = request_run(&plane->requests, frame.header.type, frame.body, answer);
	must(rc <= 0);
	must(ports_used(plane) == 2 * sessions_count(plane->sessions));
	if (rc || (frame.header.type != SLUICE_OPEN && frame.header.type != SLUICE_CLOSE))
		must(sessions_count(plane->sessions) == count && ports_used(plane) == used);
	return rc;
}

/* Requests that must be carried out: else nothing behind the check of their form is tried. */
static void requests_prove(struct plane *plane)
{
	static const uint8_t types[] = {SLUICE_OPEN,  SLUICE_SET,    SLUICE_GET,  SLUICE_LIST,
					SLUICE_STATS, SLUICE_STATUS, SLUICE_CLOSE};
	static const uint8_t first; /* of the sessions */

	for (unsigned i = 0; i < sizeof(types); i++)
		must(request_do(plane, &first, sizeof(first), FLAG_NAMES | types[i]) == 0);
}

static void all_closed(struct plane *plane)
{
	struct sluice_list_reply list;
	struct sluice_session_info info;

	sessions_list(plane->sessions, 0, &list);
	must(list.count == sessions_count(plane->sessions) && list.count <= MAX_SESSIONS);
	for (uint32_t i = 0; i < list.count; i++) {
		must(i == 0 || list.session[i] > list.session[i - 1]);
		must(sessions_close(plane->sessions, list.session[i], &info) == 0);
	}
	while (worker_mail_run(plane->worker))
		sessions_tick(plane->sessions);
	sessions_tick(plane->sessions);
	must(pool_used(plane->sessions->calls) == 0 && pool_used(plane->sessions->mails) == 0);
	must(pool_used(plane->sessions->keys) == 0 && hops_used(plane->interfaces.hops) == 0);
	for (unsigned i = 0; i <= CONTEXT_LINES_MAX; i++)
		must(!plane->sessions->contexts[i] || !pool_used(plane->sessions->contexts[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plane plane;

	if (!plane.sessions) {
		plane_make(&plane);
		requests_prove(&plane);
	}
	for (unsigned n = 0; n < REQUESTS_MAX && size >= 2; n++) {
		uint8_t flags = data[0];
		size_t length = (size_t)data[1] * 2;

		data += 2;
		size -= 2;
		length = length < size ? length : size;
		if (flags & FLAG_TURN) {
			worker_mail_run(plane.worker);
			sessions_tick(plane.sessions);
		}
		request_do(&plane, data, length, flags);
		data += length;
		size -= length;
	}
	all_closed(&plane);
	return 0;
}
