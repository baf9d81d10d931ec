/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of a decrypted capture: the headers are those of the encrypted packet, or a template
 * without lengths, so lengths and checksums are made to fit what follows them now.
 */
#pragma once

#include <stdint.h>

/*
 * frame: captured bytes of length; payload_at: where the UDP payload begins. Headers that are not
 * Ethernet (with at most one VLAN tag), IPv4 or IPv6 and UDP are left as they are. The UDP checksum
 * is made when the whole packet is there, else it is 0 ("none").
 */
void frame_mend(uint8_t *frame, uint32_t captured, uint32_t length, uint32_t payload_at);
