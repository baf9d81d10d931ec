/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "sluice_client.h"
#include "sluice_types.h"

struct sluice_client {
	int fd;
	uint32_t next_id;
	void (*on_event)(void *user, const struct sluice_event *event);
	void *user;
	struct sluice_frame frame; /* scratch of sluice_client_call() */
};

static const uint32_t media_sizes[16] = SLUICE_MEDIA_SIZES;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int socket_open(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, rc;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	rc = -errno;
	close(fd);
	/* a full backlog is "not now" for the caller, like a data plane that is not there yet */
	return rc == -EAGAIN ? -ECONNREFUSED : rc;
}

static int hello_exchange(struct sluice_client *client, const char *name,
			  struct sluice_hello_reply *reply, unsigned timeout_ms)
{
	struct sluice_hello hello = {.api_version = SLUICE_MEDIA_API_VERSION};
	int rc;

	memcpy(hello.sizes, media_sizes, sizeof(hello.sizes));
	snprintf(hello.name, sizeof(hello.name), "%s", name);
	rc = sluice_client_call(client, SLUICE_HELLO, &hello, sizeof(hello), reply, sizeof(*reply),
				timeout_ms);
	if (rc)
		return rc;
	if (reply->api_version != SLUICE_MEDIA_API_VERSION ||
	    memcmp(reply->sizes, media_sizes, sizeof(media_sizes)) || !reply->boot_id)
		return -EPROTO;
	return 0;
}

int sluice_client_connect(struct sluice_client **client, const char *path, const char *name,
			  struct sluice_hello_reply *hello, unsigned timeout_ms)
{
	struct sluice_hello_reply reply;
	struct sluice_client *new;
	int rc;

	*client = NULL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->fd = socket_open(path);
	if (new->fd < 0) {
		rc = new->fd;
		goto fail;
	}
	rc = hello_exchange(new, name, &reply, timeout_ms);
	if (rc)
		goto fail;
	if (hello)
		*hello = reply;
	*client = new;
	return 0;
fail:
	sluice_client_close(new);
	return rc;
}

void sluice_client_close(struct sluice_client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	explicit_bzero(client, sizeof(*client));
	free(client);
}

int sluice_client_fd(const struct sluice_client *client)
{
	return client->fd;
}

void sluice_client_on_event(struct sluice_client *client,
			    void (*on_event)(void *user, const struct sluice_event *event),
			    void *user)
{
	client->on_event = on_event;
	client->user = user;
}

int sluice_client_send(struct sluice_client *client, enum sluice_type type, const void *body,
		       size_t length, uint32_t *id)
{
	struct sluice_header header = {.version = SLUICE_MEDIA_API_VERSION,
				       .type = (uint16_t)type,
				       .length = (uint32_t)length};
	struct iovec parts[2] = {{&header, sizeof(header)}, {(void *)(uintptr_t)body, length}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = length ? 2 : 1};

	if (length > SLUICE_MEDIA_FRAME_MAX - sizeof(header))
		return -EMSGSIZE;
	if (++client->next_id == 0) /* id 0 is the events' */
		client->next_id = 1;
	header.id = client->next_id;
	if (sendmsg(client->fd, &message, MSG_NOSIGNAL) < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
			return -EAGAIN;
		return errno == ECONNRESET ? -EPIPE : -errno;
	}
	if (id)
		*id = header.id;
	return 0;
}

static int frame_check(const struct sluice_frame *frame, size_t bytes)
{
	const struct sluice_header *header = &frame->header;
	const struct sluice_type_info *info = sluice_type_info(header->type);
	uint32_t expected;

	if (bytes < sizeof(*header) || header->version != SLUICE_MEDIA_API_VERSION ||
	    header->length != bytes - sizeof(*header))
		return -EPROTO;
	if (header->type == SLUICE_EVENT)
		expected = sizeof(struct sluice_event);
	else if (header->type == SLUICE_ERROR)
		expected = sizeof(struct sluice_error);
	else if (info)
		expected = header->status ? 0 : info->answer_length;
	else
		return -EPROTO;
	return header->length == expected ? 0 : -EPROTO;
}

int sluice_client_receive(struct sluice_client *client, struct sluice_frame *frame)
{
	struct iovec parts[2] = {{&frame->header, sizeof(frame->header)},
				 {frame->body, sizeof(frame->body)}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	ssize_t bytes = recvmsg(client->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (bytes == 0)
		return -EPIPE;
	if (bytes < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return -EAGAIN;
		return errno == ECONNRESET ? -EPIPE : -errno;
	}
	if (message.msg_flags & MSG_TRUNC)
		return -EPROTO;
	return frame_check(frame, (size_t)bytes);
}

/* Waits for events on the socket until deadline_ms. */
static int wait_for(struct sluice_client *client, short events, uint64_t deadline_ms)
{
	struct pollfd pollfd = {.fd = client->fd, .events = events};
	uint64_t now = now_ms();
	int rc;

	if (now >= deadline_ms)
		return -ETIMEDOUT;
	rc = poll(&pollfd, 1, (int)(deadline_ms - now));
	if (rc < 0)
		return errno == EINTR ? 0 : -errno;
	return rc ? 0 : -ETIMEDOUT;
}

/* An answer to id, with others before it passed over. Returns 1 when frame is it. */
static int answer_take(struct sluice_client *client, uint32_t id)
{
	struct sluice_frame *frame = &client->frame;
	int rc = sluice_client_receive(client, frame);

	if (rc)
		return rc;
	if (frame->header.type == SLUICE_ERROR)
		return -EPROTO;
	if (frame->header.type == SLUICE_EVENT) {
		if (client->on_event)
			client->on_event(client->user, (const struct sluice_event *)frame->body);
		return 0;
	}
	return frame->header.id == id;
}

int sluice_client_call(struct sluice_client *client, enum sluice_type type, const void *body,
		       size_t length, void *reply, size_t reply_length, unsigned timeout_ms)
{
	uint64_t deadline_ms = now_ms() + timeout_ms;
	const struct sluice_frame *frame = &client->frame;
	uint32_t id;
	int rc;

	while ((rc = sluice_client_send(client, type, body, length, &id)) == -EAGAIN)
		if ((rc = wait_for(client, POLLOUT, deadline_ms)))
			return rc;
	if (rc)
		return rc;
	while ((rc = answer_take(client, id)) != 1) {
		if (rc == -EAGAIN)
			rc = wait_for(client, POLLIN, deadline_ms);
		if (rc)
			return rc;
	}
	if (frame->header.status)
		return frame->header.status;
	if (!reply)
		return 0;
	if (frame->header.length != reply_length)
		return -EPROTO;
	memcpy(reply, frame->body, reply_length);
	return 0;
}
