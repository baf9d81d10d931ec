/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "main/client.h"
#include "main/log.h"
#include "sluice_types.h"

#define FRAMES_PER_TURN 64U /* then the other clients have their turn */

void client_close(struct client *client)
{
	if (client->fd < 0)
		return;
	close(client->fd); /* epoll forgets it with that */
	if (client->greeted)
		log_event(LOG_CLIENT_GONE, "%s (pid %d) is gone; calls go on", client->name,
			  client->pid);
	client->fd = -1;
	client->greeted = false;
}

/* ---- out ---- */

/* Returns 0, or -EAGAIN when the socket is full; any other error ends the client. */
static int frame_send(struct client *client, const void *frame, size_t bytes)
{
	if (send(client->fd, frame, bytes, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return 0;
	if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)
		return -EAGAIN;
	client_close(client);
	return -EPIPE;
}

/* Watches for room to write while something waits; no request is read while an answer does. */
static void client_watch(struct client *client)
{
	bool writing = client->answer_bytes || client->event_count;
	uint32_t events = (client->answer_bytes ? 0 : EPOLLIN) | (writing ? EPOLLOUT : 0);

	if (client->fd < 0 || (!writing && !client->writing))
		return;
	client->writing = writing;
	if (loop_change(client->server->config.loop, client->fd, events, &client->source))
		client_close(client);
}

static int event_send(struct client *client, const struct sluice_event *event)
{
	struct {
		struct sluice_header header;
		struct sluice_event event;
	} frame = {.header = {.version = SLUICE_MEDIA_API_VERSION,
			      .type = SLUICE_EVENT,
			      .length = sizeof(*event)},
		   .event = *event};

	return frame_send(client, &frame, sizeof(frame));
}

/* Sends what waits, as far as the socket takes it. */
static void client_flush(struct client *client)
{
	if (client->answer_bytes) {
		if (frame_send(client, &client->answer, client->answer_bytes))
			return;
		client->answer_bytes = 0;
	}
	while (client->event_count) {
		if (event_send(client, &client->event[client->event_first]))
			return;
		client->event_first = (client->event_first + 1) % EVENTS_QUEUED;
		client->event_count--;
	}
}

static void answer_send(struct client *client, size_t body_bytes)
{
	client->answer.header.length = (uint32_t)body_bytes;
	client->answer_bytes = sizeof(client->answer.header) + body_bytes;
	client_flush(client);
}

/* Closing a socket with frames unread makes the peer see a reset before our last words. */
static void client_drain(struct client *client)
{
	char byte;

	for (unsigned i = 0; i < FRAMES_PER_TURN; i++)
		if (recv(client->fd, &byte, sizeof(byte), MSG_DONTWAIT) <= 0)
			break;
}

void client_refuse(struct client *client, const char *text)
{
	struct sluice_error error = {0};

	snprintf(error.text, sizeof(error.text), "%s", text);
	log_event(LOG_CLIENT_REFUSED, "%s (pid %d): %s", client->name, client->pid, text);
	if (!client->answer_bytes) {
		client->answer.header = (struct sluice_header){.version = SLUICE_MEDIA_API_VERSION,
							       .type = SLUICE_ERROR};
		memcpy(client->answer.body, &error, sizeof(error));
		answer_send(client, sizeof(error));
	}
	if (client->fd >= 0)
		client_drain(client);
	client->greeted = false;
	client_close(client);
}

void client_event(struct client *client, const struct sluice_event *event)
{
	unsigned last = (client->event_first + client->event_count) % EVENTS_QUEUED;

	if (client->fd < 0 || !client->greeted)
		return;
	client->sequence++;
	if (client->event_count == EVENTS_QUEUED)
		return; /* lost: the gap says so */
	client->event[last] = *event;
	client->event[last].sequence = client->sequence;
	client->event_count++;
	client_flush(client);
	client_watch(client);
}

/* ---- in ---- */

static void client_greet(struct client *client, const struct sluice_hello *hello)
{
	if (client->greeted)
		return; /* a repeated HELLO is answered again */
	memcpy(client->name, hello->name, sizeof(client->name));
	client->greeted = true;
	log_event(LOG_CLIENT_CONNECTED, "%s (pid %d) is connected", client->name, client->pid);
}

/* One checked request. */
static void request_take(struct client *client, const struct sluice_header *header,
			 const void *body)
{
	const struct sluice_type_info *info = sluice_type_info(header->type);
	struct sluice_header *answer = &client->answer.header;
	char text[128];

	if (header->type == SLUICE_HELLO) {
		if (!hello_check(body, text, sizeof(text))) {
			client_refuse(client, text);
			return;
		}
		client_greet(client, body);
	} else if (!client->greeted) {
		client_refuse(client, "HELLO must come first");
		return;
	}
	*answer = *header;
	answer->status =
	    request_run(client->server->config.requests, header->type, body, client->answer.body);
	answer_send(client, answer->status ? 0 : info->answer_length);
}

/* Takes one frame. False when there is none left, or no client. */
static bool frame_take(struct client *client)
{
	struct sluice_frame *frame = &client->server->request;
	struct iovec part = {frame, sizeof(*frame)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t bytes = recvmsg(client->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	char text[128];

	if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (bytes <= 0) {
		client_close(client);
		return false;
	}
	if (message.msg_flags & MSG_TRUNC)
		client_refuse(client, "frame longer than any may be");
	else if (!request_check(&frame->header, frame->body, (size_t)bytes, text, sizeof(text)))
		client_refuse(client, text);
	else
		request_take(client, &frame->header, frame->body);
	explicit_bzero(frame, (size_t)bytes);
	return client->fd >= 0 && !client->answer_bytes;
}

void client_ready(struct loop_source *source, uint32_t events)
{
	struct client *client = source->user;

	if (client->fd < 0)
		return; /* closed in this turn of the loop */
	if (events & EPOLLOUT)
		client_flush(client);
	if (client->fd >= 0 && !client->answer_bytes && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		for (unsigned i = 0; i < FRAMES_PER_TURN; i++)
			if (!frame_take(client))
				break;
	client_watch(client);
}
