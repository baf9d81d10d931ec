/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Client of the media API, shared by the control plane and the tests. Non-blocking: the caller
 * watches the file descriptor and calls sluice_client_receive(). One client belongs to one thread.
 */
#pragma once

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#include "sluice_media.h"

struct sluice_client;

/* One received frame. body is aligned to 8 bytes; length is header.length. */
struct sluice_frame {
	struct sluice_header header;
	alignas(8) uint8_t body[SLUICE_MEDIA_FRAME_MAX - sizeof(struct sluice_header)];
};

/*
 * Connects to the socket at path and exchanges HELLO, waiting at most timeout_ms.
 * name: of this client, for the data plane's log. hello (may be NULL) takes the answer.
 * Returns 0 and *client, or -errno: -ENOENT/-ECONNREFUSED (no data plane), -EPROTO (another
 * version or other struct sizes), -ETIMEDOUT.
 */
int sluice_client_connect(struct sluice_client **client, const char *path, const char *name,
			  struct sluice_hello_reply *hello, unsigned timeout_ms);

/* Closes and frees; NULL is allowed. Wipes its buffers. */
void sluice_client_close(struct sluice_client *client);

int sluice_client_fd(const struct sluice_client *client);

/*
 * Sends a request. *id (may be NULL) takes the id that its answer will carry.
 * Returns 0, -EAGAIN (socket full: try again when writable), -EPIPE (data plane gone).
 */
int sluice_client_send(struct sluice_client *client, enum sluice_type type, const void *body,
		       size_t length, uint32_t *id);

/*
 * Takes one frame: an answer or an event, already checked for version and length of its type.
 * Returns 0, -EAGAIN (none there), -EPIPE (closed), -EPROTO (bad frame: close the client).
 */
int sluice_client_receive(struct sluice_client *client, struct sluice_frame *frame);

/*
 * For tests and tools: sends and waits for the answer; events that come between are dropped unless
 * on_event is set. reply may be NULL; reply_length is checked. Returns the answer's status or
 * -errno.
 */
int sluice_client_call(struct sluice_client *client, enum sluice_type type, const void *body,
		       size_t length, void *reply, size_t reply_length, unsigned timeout_ms);
void sluice_client_on_event(struct sluice_client *client,
			    void (*on_event)(void *user, const struct sluice_event *event),
			    void *user);

/* Names for people; "?" for a number that does not exist. */
const char *sluice_drop_name(unsigned drop);
const char *sluice_drop_text(unsigned drop);
const char *sluice_suite_name(unsigned suite); /* RFC 4568 spelling; "none" for RTP */
const char *sluice_codec_name(unsigned codec); /* "G.711" */
const char *sluice_event_name(unsigned type);
const char *sluice_cpu_text(unsigned use);         /* enum sluice_cpu_use */
const char *sluice_capture_end_text(unsigned end); /* "the call ended" */

/* Writes "192.0.2.1:4000" or "[2001:db8::1]:4000", or "-" when not set. size at least 56. */
const char *sluice_addr_format(const struct sluice_addr *addr, char *text, size_t size);
