/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few rtnetlink messages that next hops need (rtnetlink(7)). Requests are answered within the
 * system call, so nothing here waits. Addresses are in network order, IPv4 in the first four bytes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#include <rte_ether.h>

struct rtnl_route {
	unsigned ifindex;
	bool has_gateway;       /* else the destination itself is on the link */
	uint8_t gateway_family; /* 4 or 6: RFC 5549 lets them differ from the destination's */
	uint8_t gateway[16];
};

struct rtnl_neighbour {
	unsigned ifindex;
	uint8_t family; /* 4 or 6 */
	uint8_t address[16];
	uint16_t state; /* NUD_...; 0 when deleted */
	bool has_mac;
	struct rte_ether_addr mac;
};

/* Socket for requests; a second one, non-blocking, for notifications of all that next hops hang on.
 */
int rtnl_open_requests(struct mnl_socket **socket);
int rtnl_open_events(struct mnl_socket **socket);

/* source may be NULL. -EHOSTUNREACH: no route, or not a unicast one; -errno. */
int rtnl_route_get(struct mnl_socket *socket, uint8_t family, const uint8_t *destination,
		   const uint8_t *source, struct rtnl_route *route);

/* Fills state and mac; ifindex, family and address are the question. -ENOENT: the kernel knows
 * none. */
int rtnl_neighbour_get(struct mnl_socket *socket, struct rtnl_neighbour *neighbour);
/* Tells the kernel that the neighbour is used: it resolves it, or confirms a stale one. */
int rtnl_neighbour_use(struct mnl_socket *socket, const struct rtnl_neighbour *neighbour);

/* Read one message, of type RTM_NEWROUTE and RTM_NEWNEIGH or RTM_DELNEIGH. 0, -EHOSTUNREACH, or
 * -EBADMSG when it is malformed or of a family that is not IP. */
int rtnl_route_parse(const struct nlmsghdr *message, struct rtnl_route *route);
int rtnl_neighbour_parse(const struct nlmsghdr *message, struct rtnl_neighbour *neighbour);
