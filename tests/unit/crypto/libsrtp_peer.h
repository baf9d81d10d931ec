/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsrtp2 as the other side: one direction of a leg, made from the same struct sluice_key.
 * libsrtp's header and ours do not meet in one file.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sluice_media.h"

struct libsrtp_peer;

enum libsrtp_direction { LIBSRTP_SENDS, LIBSRTP_RECEIVES };

bool libsrtp_start(void);
void libsrtp_stop(void);

/* NULL when this build of libsrtp does not have the suite. */
struct libsrtp_peer *libsrtp_peer_new(const struct sluice_key *key,
				      enum libsrtp_direction direction);
/* With several master keys, told apart by their MKIs. */
struct libsrtp_peer *libsrtp_peer_new_keys(const struct sluice_key *keys, unsigned count,
					   enum libsrtp_direction direction);
/* Which of them it encrypts with from now on; the first unless said. */
void libsrtp_peer_send_with(struct libsrtp_peer *peer, unsigned key);
void libsrtp_peer_free(struct libsrtp_peer *peer);

/* One packet in place, with 32 bytes of room behind; true when libsrtp took it. */
bool libsrtp_protect(struct libsrtp_peer *peer, uint8_t *packet, uint32_t *length, bool rtcp);
bool libsrtp_unprotect(struct libsrtp_peer *peer, uint8_t *packet, uint32_t *length, bool rtcp);
