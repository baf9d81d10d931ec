/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames straight to and from a network device (AF_PACKET), past the host's own IP stack. Needs
 * CAP_NET_RAW. Thread: one.
 */
#pragma once

#include <stdint.h>

#include "../streams/receiver.h"
#include "../streams/sender.h"

struct wire;

/* device: name of a network interface that is up. Returns 0 or -errno with a text in error. */
int wire_open(struct wire **wire, const char *device, char *error, size_t size);
void wire_close(struct wire *wire); /* NULL is allowed */

/* The device's own address. */
const uint8_t *wire_mac(const struct wire *wire);

/* Sends n frames, at most SENDER_BURST. Returns how many the device took; the others are lost, as
 * on a link that is full. */
uint32_t wire_send(struct wire *wire, struct sender_frame *frames, uint32_t n);

/* Takes up to n frames that have come, without waiting. */
uint32_t wire_receive(struct wire *wire, struct receiver_frame *frames, uint32_t n);

/* Frames that came while the ring was full, since the last call: the generator was too slow. */
uint64_t wire_missed(struct wire *wire);
