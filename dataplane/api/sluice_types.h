/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each frame type of the media API carries: one table for both ends. Internal to the client
 * library and the data plane's server; users of the API need sluice_client.h only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sluice_media.h"

struct sluice_type_info {
	const char *name;
	uint32_t request_length; /* body bytes of a request */
	uint32_t answer_length;  /* body bytes of an answer with status 0; any other has none */
};

/* The requests; NULL for a number that is no request. */
const struct sluice_type_info *sluice_type_info(unsigned type);

/* True when all n bytes are zero. */
int sluice_is_zero(const void *bytes, size_t n);
