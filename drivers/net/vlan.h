/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VLANs (IEEE 802.1Q) as the kernel has them on a device. A port takes tagged frames from the
 * device itself; addresses, routes and neighbours are those of the kernel's interface of that VLAN
 * on it.
 *
 * Thread: any.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VLAN_ID_MAX 4094U
#define VLAN_PRIORITY_MAX 7U

/* What a tag carries behind its Ethernet type: priority 0..7, id 1..VLAN_ID_MAX. */
static inline uint16_t vlan_tci(uint16_t id, uint8_t priority)
{
	return (uint16_t)(priority << 13 | id);
}

/* The kernel's interface of that VLAN on device. Returns its index; -ENODEV: there is none. */
int vlan_interface(const char *device, uint16_t id);

/* Whether device takes tags off what it receives, so that who reads frames before the kernel does
 * (XDP) sees none. False too where it does not say. */
bool vlan_is_stripped(const char *device);
