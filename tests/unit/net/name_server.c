/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "name_server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HEADER 12U
#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3

static void put(struct name_server *server, const void *data, size_t length)
{
	assert_true(server->length + length <= sizeof(server->reply));
	memcpy(server->reply + server->length, data, length);
	server->length += length;
}

static void put_u16(struct name_server *server, unsigned value)
{
	uint16_t be = htons((uint16_t)value);

	put(server, &be, 2);
}

static void put_text(struct name_server *server, const char *text)
{
	uint8_t length = (uint8_t)strlen(text);

	put(server, &length, 1);
	put(server, text, length);
}

static void put_name(struct name_server *server, const char *name)
{
	char label[64];
	int taken;

	while (sscanf(name, "%63[^.]%n", label, &taken) == 1) {
		put_text(server, label);
		name += taken;
		name += *name == '.';
	}
	put(server, "", 1);
}

static void put_data(struct name_server *server, const struct name_record *record)
{
	unsigned a, b, c;
	char flags[8], service[32], name[256];
	uint8_t address[16];

	switch (record->type) {
	case NAME_A:
		assert_int_equal(inet_pton(AF_INET, record->data, address), 1);
		put(server, address, 4);
		break;
	case NAME_AAAA:
		assert_int_equal(inet_pton(AF_INET6, record->data, address), 1);
		put(server, address, 16);
		break;
	case NAME_SRV:
		assert_int_equal(sscanf(record->data, "%u %u %u %255s", &a, &b, &c, name), 4);
		put_u16(server, a);
		put_u16(server, b);
		put_u16(server, c);
		put_name(server, name);
		break;
	case NAME_NAPTR:
		assert_int_equal(
		    sscanf(record->data, "%u %u %7s %31s %255s", &a, &b, flags, service, name), 5);
		put_u16(server, a);
		put_u16(server, b);
		put_text(server, flags);
		put_text(server, service);
		put_text(server, "");
		put_name(server, name);
		break;
	}
}

static void put_record(struct name_server *server, const struct name_record *record)
{
	size_t length_at;
	uint16_t length;

	put_u16(server, 0xc000U | HEADER); /* the name of the question */
	put_u16(server, record->type);
	put_u16(server, 1);
	put(server, "\0\0\0\x3c", 4);
	length_at = server->length;
	put_u16(server, 0);
	put_data(server, record);
	length = htons((uint16_t)(server->length - length_at - 2));
	memcpy(server->reply + length_at, &length, 2);
}

/* Returns the length of the question, and its name as text. */
static size_t read_question(const uint8_t *data, size_t size, char name[256])
{
	size_t at = HEADER, out = 0;

	while (at < size && data[at]) {
		memcpy(name + out, data + at + 1, data[at]);
		out += data[at];
		name[out++] = '.';
		at += data[at] + 1U;
	}
	name[out ? out - 1 : 0] = '\0';
	return at + 1 + 4 - HEADER;
}

static void answer(struct name_server *server, const uint8_t *data, size_t size,
		   const struct sockaddr *from)
{
	const struct name_record *record;
	unsigned count = 0, rcode = RCODE_NXDOMAIN;
	size_t length = read_question(data, size, server->last);
	unsigned type = (unsigned)data[HEADER + length - 4] << 8 | data[HEADER + length - 3];
	uv_buf_t buffer;

	server->asked++;
	server->length = HEADER;
	put(server, data + HEADER, length);
	for (record = server->zone; record->name; record++) {
		if (strcasecmp(record->name, server->last) != 0)
			continue;
		rcode = rcode == RCODE_NXDOMAIN ? 0 : rcode;
		if (record->type != type)
			continue;
		if (strcmp(record->data, "SILENT") == 0)
			return;
		if (strcmp(record->data, "SERVFAIL") == 0) {
			rcode = RCODE_SERVFAIL;
			continue;
		}
		put_record(server, record);
		count++;
	}
	memset(server->reply, 0, HEADER);
	memcpy(server->reply, data, 2);
	server->reply[2] = 0x84 | (data[2] & 1);
	server->reply[3] = (uint8_t)(0x80 | rcode);
	server->reply[5] = 1;
	server->reply[7] = (uint8_t)count;
	buffer = uv_buf_init((char *)server->reply, (unsigned)server->length);
	assert_int_equal(uv_udp_try_send(&server->udp, &buffer, 1, from), server->length);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct name_server *server = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(server->buffer, sizeof(server->buffer));
}

static void on_query(uv_udp_t *udp, ssize_t length, const uv_buf_t *buffer,
		     const struct sockaddr *from, unsigned flags)
{
	(void)flags;
	if (from && length > (ssize_t)HEADER)
		answer(udp->data, (const uint8_t *)buffer->base, (size_t)length, from);
}

void name_server_open(struct name_server *server, uv_loop_t *loop, const struct name_record *zone)
{
	struct sockaddr_in own;
	int length = sizeof(own);

	memset(server, 0, sizeof(*server));
	server->zone = zone;
	assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &own), 0);
	assert_int_equal(uv_udp_init(loop, &server->udp), 0);
	server->udp.data = server;
	assert_int_equal(uv_udp_bind(&server->udp, (struct sockaddr *)&own, 0), 0);
	assert_int_equal(uv_udp_getsockname(&server->udp, (struct sockaddr *)&own, &length), 0);
	snprintf(server->address, sizeof(server->address), "127.0.0.1:%u", ntohs(own.sin_port));
	assert_int_equal(uv_udp_recv_start(&server->udp, on_room, on_query), 0);
}

void name_server_close(struct name_server *server)
{
	uv_close((uv_handle_t *)&server->udp, NULL);
}
