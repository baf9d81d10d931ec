/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_dataplane.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct fake_dataplane {
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	char path[108];
	uint64_t boot_id;
	int listener, client, wake;
	bool stopping, silent, disconnect;
	int open_status, set_status;
	uint64_t event_session; /* to send; 0: none */
	uint64_t sequence;
	unsigned requests;
	atomic_uint count; /* of sessions */
	uint16_t next_port;
	struct fake_session session[FAKE_SESSIONS];
};

struct frame {
	struct sluice_header header;
	alignas(8) uint8_t body[SLUICE_MEDIA_FRAME_MAX - sizeof(struct sluice_header)];
};

static struct fake_session *find(struct fake_dataplane *fake, uint64_t id)
{
	for (unsigned i = 0; i < FAKE_SESSIONS; i++)
		if (fake->session[i].id == id)
			return &fake->session[i];
	return NULL;
}

static void reply(struct fake_dataplane *fake, const struct sluice_header *to, int status,
		  const void *body, size_t length)
{
	struct frame frame = {.header = *to};

	frame.header.status = status;
	frame.header.length = (uint32_t)length;
	if (length)
		memcpy(frame.body, body, length);
	send(fake->client, &frame, sizeof(frame.header) + length, MSG_NOSIGNAL);
}

static void hello(struct fake_dataplane *fake, const struct frame *frame)
{
	static const uint32_t sizes[16] = SLUICE_MEDIA_SIZES;
	struct sluice_hello_reply body = {
	    .api_version = SLUICE_MEDIA_API_VERSION, .boot_id = fake->boot_id, .max_sessions = 100};

	memcpy(body.sizes, sizes, sizeof(sizes));
	reply(fake, &frame->header, 0, &body, sizeof(body));
}

static void open_session(struct fake_dataplane *fake, const struct frame *frame)
{
	const struct sluice_open *open = (const void *)frame->body;
	struct sluice_open_reply body = {.session = open->session};
	struct fake_session *session = find(fake, open->session);

	if (!session)
		session = find(fake, 0);
	if (fake->open_status) {
		reply(fake, &frame->header, fake->open_status, NULL, 0);
		return;
	}
	fake->count += !session->id;
	session->id = open->session;
	for (unsigned i = 0; i < 2; i++) {
		session->local[i] = open->leg[i].wanted;
		if (!session->local[i].family) {
			session->local[i] = (struct sluice_addr){
			    .family = open->leg[i].family, .port = fake->next_port, .ip = {10}};
			fake->next_port = (uint16_t)(fake->next_port + 2);
		}
		body.local[i] = session->local[i];
	}
	reply(fake, &frame->header, 0, &body, sizeof(body));
}

static void set_session(struct fake_dataplane *fake, const struct frame *frame)
{
	const struct sluice_set *set = (const void *)frame->body;
	struct fake_session *session = find(fake, set->session);

	if (session && !fake->set_status) {
		session->leg[set->leg] = *set;
		session->set_mask[set->leg] |= set->mask;
		session->sets++;
	}
	reply(fake, &frame->header, session ? fake->set_status : -ENOENT, NULL, 0);
}

static void get_session(struct fake_dataplane *fake, const struct frame *frame)
{
	const struct sluice_session *asked = (const void *)frame->body;
	struct fake_session *session = find(fake, asked->session);
	struct sluice_session_info info = {.session = asked->session};

	if (!session) {
		reply(fake, &frame->header, -ENOENT, NULL, 0);
		return;
	}
	info.age_ms = session->age_ms;
	info.leg[0].counters.received = 7;
	info.leg[0].tx_position = session->position;
	info.leg[0].counters.last_rx_ms_ago = session->silent_ms;
	info.leg[1].counters.last_rx_ms_ago = UINT64_MAX;
	if (frame->header.type == SLUICE_CLOSE) {
		*session = (struct fake_session){0};
		fake->count--;
	}
	reply(fake, &frame->header, 0, &info, sizeof(info));
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void list_sessions(struct fake_dataplane *fake, const struct frame *frame)
{
	const struct sluice_list *list = (const void *)frame->body;
	static struct sluice_list_reply body; /* this thread alone uses it, as take()'s frame */
	uint64_t all[FAKE_SESSIONS];
	unsigned count = 0;

	for (unsigned i = 0; i < FAKE_SESSIONS; i++)
		if (fake->session[i].id > list->after)
			all[count++] = fake->session[i].id;
	memset(&body, 0, sizeof(body));
	qsort(all, count, sizeof(all[0]), by_id);
	body.count = count < SLUICE_LIST_MAX ? count : SLUICE_LIST_MAX;
	memcpy(body.session, all, body.count * sizeof(all[0]));
	reply(fake, &frame->header, 0, &body, sizeof(body));
}

static void answer(struct fake_dataplane *fake, const struct frame *frame)
{
	struct sluice_stats stats = {0};

	fake->requests++;
	if (fake->silent)
		return;
	switch (frame->header.type) {
	case SLUICE_HELLO:
		hello(fake, frame);
		break;
	case SLUICE_OPEN:
		open_session(fake, frame);
		break;
	case SLUICE_SET:
		set_session(fake, frame);
		break;
	case SLUICE_GET:
	case SLUICE_CLOSE:
		get_session(fake, frame);
		break;
	case SLUICE_LIST:
		list_sessions(fake, frame);
		break;
	default:
		reply(fake, &frame->header, 0, &stats, sizeof(stats));
	}
}

static void drop_client(struct fake_dataplane *fake)
{
	if (fake->client >= 0)
		close(fake->client);
	fake->client = -1;
	fake->sequence = 0;
}

static void woken(struct fake_dataplane *fake)
{
	struct {
		struct sluice_header header;
		struct sluice_event event;
	} frame = {
	    .header = {.version = SLUICE_MEDIA_API_VERSION,
		       .type = SLUICE_EVENT,
		       .length = sizeof(frame.event)},
	    .event = {.session = fake->event_session, .type = SLUICE_EVENT_MEDIA_TIMEOUT},
	};
	uint64_t count;

	if (read(fake->wake, &count, sizeof(count)) < 0)
		return;
	if (fake->disconnect)
		drop_client(fake);
	fake->disconnect = false;
	if (fake->event_session && fake->client >= 0) {
		frame.event.sequence = ++fake->sequence;
		send(fake->client, &frame, sizeof(frame), MSG_NOSIGNAL);
	}
	fake->event_session = 0;
}

static void take(struct fake_dataplane *fake)
{
	static struct frame frame;
	ssize_t got = recv(fake->client, &frame, sizeof(frame), 0);

	if (got < (ssize_t)sizeof(frame.header))
		drop_client(fake);
	else
		answer(fake, &frame);
}

static void *serve(void *user)
{
	struct fake_dataplane *fake = user;
	bool stopping = false;

	while (!stopping) {
		struct pollfd fds[3] = {
		    {.fd = fake->wake, .events = POLLIN},
		    {.fd = fake->client < 0 ? fake->listener : -1, .events = POLLIN},
		    {.fd = fake->client, .events = POLLIN},
		};

		poll(fds, 3, 1000);
		pthread_mutex_lock(&fake->lock);
		if (fds[0].revents)
			woken(fake);
		if (fds[1].revents)
			fake->client = accept(fake->listener, NULL, NULL);
		else if (fds[2].revents && fake->client >= 0)
			take(fake);
		stopping = fake->stopping;
		pthread_mutex_unlock(&fake->lock);
	}
	return NULL;
}

static void wake(struct fake_dataplane *fake)
{
	uint64_t one = 1;

	if (write(fake->wake, &one, sizeof(one)) < 0)
		abort();
}

struct fake_dataplane *fake_start(const char *path, uint64_t boot_id)
{
	struct fake_dataplane *fake = calloc(1, sizeof(*fake));
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (!fake)
		abort();
	strncpy(fake->path, path, sizeof(fake->path) - 1);
	memcpy(address.sun_path, fake->path, sizeof(address.sun_path));
	fake->boot_id = boot_id;
	fake->client = -1;
	fake->next_port = 20000;
	fake->wake = eventfd(0, EFD_CLOEXEC);
	fake->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	pthread_mutex_init(&fake->lock, NULL);
	unlink(path);
	if (bind(fake->listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fake->listener, 4) < 0 || pthread_create(&fake->thread, NULL, serve, fake) != 0)
		abort();
	return fake;
}

void fake_stop(struct fake_dataplane *fake)
{
	pthread_mutex_lock(&fake->lock);
	fake->stopping = true;
	pthread_mutex_unlock(&fake->lock);
	wake(fake);
	pthread_join(fake->thread, NULL);
	drop_client(fake);
	close(fake->listener);
	close(fake->wake);
	unlink(fake->path);
	pthread_mutex_destroy(&fake->lock);
	free(fake);
}

void fake_disconnect(struct fake_dataplane *fake)
{
	pthread_mutex_lock(&fake->lock);
	fake->disconnect = true;
	pthread_mutex_unlock(&fake->lock);
	wake(fake);
}

void fake_refuse(struct fake_dataplane *fake, int open_status, int set_status)
{
	pthread_mutex_lock(&fake->lock);
	fake->open_status = open_status;
	fake->set_status = set_status;
	pthread_mutex_unlock(&fake->lock);
}

void fake_be_silent(struct fake_dataplane *fake, bool silent)
{
	pthread_mutex_lock(&fake->lock);
	fake->silent = silent;
	pthread_mutex_unlock(&fake->lock);
}

void fake_add(struct fake_dataplane *fake, uint64_t id, uint64_t age_ms, uint64_t silent_ms)
{
	pthread_mutex_lock(&fake->lock);
	struct fake_session *session = find(fake, id);

	if (!session) {
		session = find(fake, 0);
		fake->count++;
	}
	*session = (struct fake_session){.id = id, .age_ms = age_ms, .silent_ms = silent_ms};
	pthread_mutex_unlock(&fake->lock);
}

void fake_position(struct fake_dataplane *fake, uint64_t id, const struct sluice_position *position)
{
	pthread_mutex_lock(&fake->lock);
	find(fake, id)->position = *position;
	pthread_mutex_unlock(&fake->lock);
}

void fake_event(struct fake_dataplane *fake, uint64_t session)
{
	pthread_mutex_lock(&fake->lock);
	fake->event_session = session;
	pthread_mutex_unlock(&fake->lock);
	wake(fake);
}

/* Without the lock: the server holds it while a client that does not read makes it wait. */
unsigned fake_count(struct fake_dataplane *fake)
{
	return atomic_load(&fake->count);
}

bool fake_get(struct fake_dataplane *fake, uint64_t id, struct fake_session *session)
{
	struct fake_session *found;

	pthread_mutex_lock(&fake->lock);
	found = find(fake, id);
	if (found)
		*session = *found;
	pthread_mutex_unlock(&fake->lock);
	return found;
}

unsigned fake_requests(struct fake_dataplane *fake)
{
	unsigned requests;

	pthread_mutex_lock(&fake->lock);
	requests = fake->requests;
	pthread_mutex_unlock(&fake->lock);
	return requests;
}
