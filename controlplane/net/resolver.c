/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/resolver.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>

/* A server that is silent costs at most 1.5 + 3 s. */
#define TIMEOUT_MS 1500
#define TRIES 2

struct watch { /* of one socket of c-ares */
	TAILQ_ENTRY(watch) next;
	struct resolver *resolver;
	uv_poll_t poll;
	ares_socket_t socket;
};

struct resolver {
	uv_loop_t *loop;
	ares_channel channel;
	uv_timer_t timer;
	TAILQ_HEAD(, watch) watches;
	unsigned handles; /* of libuv, that still need this memory */
	bool closing;
	void (*closed)(void *user);
	void *user;
};

static void release(struct resolver *resolver)
{
	if (--resolver->handles)
		return;
	/* here no callback of c-ares is up the stack, which ares_destroy() could not bear */
	ares_destroy(resolver->channel);
	ares_library_cleanup();
	if (resolver->closed)
		resolver->closed(resolver->user);
	free(resolver);
}

static void on_timer_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct resolver *resolver = watch->resolver;

	free(watch);
	release(resolver);
}

/* At once, since c-ares closes its socket when it returns. */
static void watch_end(struct watch *watch)
{
	(void)uv_poll_stop(&watch->poll);
	TAILQ_REMOVE(&watch->resolver->watches, watch, next);
	uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
}

static void on_timer(uv_timer_t *timer)
{
	struct resolver *resolver = timer->data;

	ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	resolver_asked(resolver);
}

void resolver_asked(struct resolver *resolver)
{
	struct timeval left;
	uint64_t ms;

	if (resolver->closing)
		return;
	if (!ares_timeout(resolver->channel, NULL, &left)) {
		uv_timer_stop(&resolver->timer);
		return;
	}
	ms = (uint64_t)left.tv_sec * 1000 + (uint64_t)left.tv_usec / 1000 + 1;
	uv_timer_start(&resolver->timer, on_timer, ms, 0);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct resolver *resolver = watch->resolver;
	ares_socket_t read = ARES_SOCKET_BAD, write = ARES_SOCKET_BAD;

	/* on an error c-ares finds out itself by reading and writing */
	if (status < 0 || (events & UV_READABLE))
		read = watch->socket;
	if (status < 0 || (events & UV_WRITABLE))
		write = watch->socket;
	ares_process_fd(resolver->channel, read, write);
	resolver_asked(resolver);
}

static struct watch *watch_find(const struct resolver *resolver, ares_socket_t socket)
{
	struct watch *watch;

	TAILQ_FOREACH (watch, &resolver->watches, next)
		if (watch->socket == socket)
			return watch;
	return NULL;
}

/* NULL: nothing will be heard from that socket, and the query ends by its timeout. */
static struct watch *watch_new(struct resolver *resolver, ares_socket_t socket)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch || uv_poll_init_socket(resolver->loop, &watch->poll, socket) < 0) {
		free(watch);
		return NULL;
	}
	watch->resolver = resolver;
	watch->socket = socket;
	watch->poll.data = watch;
	resolver->handles++;
	TAILQ_INSERT_TAIL(&resolver->watches, watch, next);
	return watch;
}

static void on_socket_state(void *data, ares_socket_t socket, int readable, int writable)
{
	struct resolver *resolver = data;
	struct watch *watch = watch_find(resolver, socket);
	int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);

	if (!events && watch)
		watch_end(watch);
	if (!events || resolver->closing)
		return;
	if (!watch)
		watch = watch_new(resolver, socket);
	if (watch)
		(void)uv_poll_start(&watch->poll, events, on_event);
}

static int errno_of(int ares_status)
{
	switch (ares_status) {
	case ARES_SUCCESS:
		return 0;
	case ARES_ENOMEM:
		return -ENOMEM;
	case ARES_EBADSTR:
		return -EINVAL;
	default:
		return -EIO;
	}
}

static int channel_new(struct resolver *resolver, const char *servers)
{
	struct ares_options options = {
	    .sock_state_cb = on_socket_state,
	    .sock_state_cb_data = resolver,
	    .timeout = TIMEOUT_MS,
	    .tries = TRIES,
	    .lookups = (char[]){"fb"}, /* files, then DNS */
	};
	int status = ares_init_options(&resolver->channel, &options,
				       ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS |
					   ARES_OPT_TRIES | ARES_OPT_LOOKUPS);

	if (status != ARES_SUCCESS)
		return errno_of(status);
	if (servers)
		status = ares_set_servers_ports_csv(resolver->channel, servers);
	if (status != ARES_SUCCESS)
		ares_destroy(resolver->channel);
	return errno_of(status);
}

int resolver_new(struct resolver **made, uv_loop_t *loop, const char *servers)
{
	struct resolver *resolver;
	int result = errno_of(ares_library_init(ARES_LIB_INIT_ALL));

	if (result < 0)
		return result;
	resolver = calloc(1, sizeof(*resolver));
	result = -ENOMEM;
	if (!resolver)
		goto err_library;
	resolver->loop = loop;
	TAILQ_INIT(&resolver->watches);
	result = channel_new(resolver, servers);
	if (result < 0)
		goto err_resolver;
	(void)uv_timer_init(loop, &resolver->timer); /* cannot fail */
	resolver->timer.data = resolver;
	resolver->handles = 1;
	*made = resolver;
	return 0;

err_resolver:
	free(resolver);
err_library:
	ares_library_cleanup();
	return result;
}

void resolver_close(struct resolver *resolver, void (*closed)(void *user), void *user)
{
	struct watch *watch;

	resolver->closing = true;
	resolver->closed = closed;
	resolver->user = user;
	while ((watch = TAILQ_FIRST(&resolver->watches)) != NULL)
		watch_end(watch);
	uv_close((uv_handle_t *)&resolver->timer, on_timer_closed);
}

ares_channel resolver_channel(struct resolver *resolver)
{
	return resolver->channel;
}
