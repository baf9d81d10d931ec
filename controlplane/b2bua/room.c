/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/room.h"

#include "policy/config.h"

#define PER_CALL 4U
#define SPARE 1024U
#define BYTES_ALIVE 4096U /* a message of usual length, one way and the other */
#define BYTES_ENDED 768U  /* an answer without SDP, or a request that was sent */

size_t room_lingering(const struct config *config)
{
	for (unsigned i = 0; i < config->listener_count; i++)
		if (config->listeners[i].transport == SIP_UDP)
			return ROOM_LINGERING;
	return 0;
}

static size_t alive(const struct config *config)
{
	return (size_t)config->max_calls * PER_CALL + SPARE;
}

size_t room_transactions(const struct config *config)
{
	return alive(config) + room_lingering(config);
}

uint64_t room_message_bytes(const struct config *config)
{
	return (uint64_t)alive(config) * BYTES_ALIVE +
	       (uint64_t)room_lingering(config) * BYTES_ENDED;
}
