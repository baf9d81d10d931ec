/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/rtnl.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#define REQUEST_MAX 512U
#define ANSWER_MAX 8192U
/* Room for bursts of notifications: a flapping link with a full table of routes. */
#define EVENT_BUFFER_BYTES (4 << 20)

static uint8_t ip_length(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

static uint8_t kernel_family(uint8_t family)
{
	return family == 4 ? AF_INET : AF_INET6;
}

static int open_socket(struct mnl_socket **out, int flags)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, flags | SOCK_CLOEXEC);

	*out = NULL;
	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		int err = -errno;

		mnl_socket_close(socket);
		return err;
	}
	*out = socket;
	return 0;
}

int rtnl_open_requests(struct mnl_socket **socket)
{
	return open_socket(socket, SOCK_NONBLOCK);
}

int rtnl_open_events(struct mnl_socket **socket)
{
	/* routes of an interface that goes down, or of an address that goes, vanish without a word
	 */
	static const int groups[] = {
	    RTNLGRP_NEIGH,       RTNLGRP_LINK,        RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
	    RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_RULE,  RTNLGRP_IPV6_RULE,
	};
	static const int optional[] = {RTNLGRP_NEXTHOP};
	int bytes = EVENT_BUFFER_BYTES;
	int err = open_socket(socket, SOCK_NONBLOCK);
	int fd;

	if (err)
		return err;
	fd = mnl_socket_get_fd(*socket);
	/* beyond rmem_max with CAP_NET_ADMIN only; without it more overruns, which are handled */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	for (unsigned i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(*socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) <
		    0) {
			err = -errno;
			mnl_socket_close(*socket);
			*socket = NULL;
			return err;
		}
	}
	for (unsigned i = 0; i < sizeof(optional) / sizeof(optional[0]); i++) {
		int group = optional[i];

		(void)mnl_socket_setsockopt(*socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
	}
	return 0;
}

/* Empties the socket; the message with our number, or an error of it, is the answer. */
static int receive_answer(struct mnl_socket *socket, uint32_t seq, void *answer, size_t size)
{
	int result = -EIO;

	for (;;) {
		ssize_t n = mnl_socket_recvfrom(socket, answer, size);
		const struct nlmsghdr *message = answer;
		const struct nlmsgerr *error;

		if (n < 0)
			return errno == EAGAIN ? result : -errno;
		if (!mnl_nlmsg_ok(message, (int)n) || message->nlmsg_seq != seq)
			continue;
		if (message->nlmsg_type != NLMSG_ERROR)
			return 0;
		error = mnl_nlmsg_get_payload(message);
		result = mnl_nlmsg_get_payload_len(message) < sizeof(error->error) ? -EBADMSG
										   : error->error;
		return result;
	}
}

static int ask(struct mnl_socket *socket, struct nlmsghdr *request, void *answer, size_t size)
{
	static uint32_t last_seq;

	request->nlmsg_seq = ++last_seq;
	request->nlmsg_flags |= NLM_F_REQUEST;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	return receive_answer(socket, request->nlmsg_seq, answer, size);
}

int rtnl_route_get(struct mnl_socket *socket, uint8_t family, const uint8_t *destination,
		   const uint8_t *source, struct rtnl_route *route)
{
	_Alignas(struct nlmsghdr) char request[REQUEST_MAX], answer[ANSWER_MAX];
	struct nlmsghdr *message = mnl_nlmsg_put_header(request);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(message, sizeof(*rt));
	uint8_t length = ip_length(family);
	int err;

	message->nlmsg_type = RTM_GETROUTE;
	rt->rtm_family = kernel_family(family);
	rt->rtm_dst_len = (uint8_t)(length * 8);
	mnl_attr_put(message, RTA_DST, length, destination);
	if (source) {
		rt->rtm_src_len = (uint8_t)(length * 8);
		mnl_attr_put(message, RTA_SRC, length, source);
	}
	err = ask(socket, message, answer, sizeof(answer));
	switch (err) {
	case 0:
		return rtnl_route_parse((const struct nlmsghdr *)answer, route);
	case -ENETUNREACH: /* none, or type unreachable */
	case -EHOSTUNREACH:
	case -EACCES: /* type prohibit */
	case -EINVAL: /* type blackhole, or source is no address of this host */
	case -ENETDOWN:
	case -ENODEV:
		return -EHOSTUNREACH;
	default:
		return err;
	}
}

static struct nlmsghdr *neighbour_message(void *buffer, uint16_t type,
					  const struct rtnl_neighbour *neighbour, uint8_t flags)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(message, sizeof(*nd));

	message->nlmsg_type = type;
	nd->ndm_family = kernel_family(neighbour->family);
	nd->ndm_ifindex = (int)neighbour->ifindex;
	nd->ndm_flags = flags;
	mnl_attr_put(message, NDA_DST, ip_length(neighbour->family), neighbour->address);
	return message;
}

int rtnl_neighbour_get(struct mnl_socket *socket, struct rtnl_neighbour *neighbour)
{
	_Alignas(struct nlmsghdr) char request[REQUEST_MAX], answer[ANSWER_MAX];
	struct nlmsghdr *message = neighbour_message(request, RTM_GETNEIGH, neighbour, 0);
	int err = ask(socket, message, answer, sizeof(answer));

	return err ? err : rtnl_neighbour_parse((const struct nlmsghdr *)answer, neighbour);
}

int rtnl_neighbour_use(struct mnl_socket *socket, const struct rtnl_neighbour *neighbour)
{
	_Alignas(struct nlmsghdr) char request[REQUEST_MAX], answer[ANSWER_MAX];
	struct nlmsghdr *message = neighbour_message(request, RTM_NEWNEIGH, neighbour, NTF_USE);

	message->nlmsg_flags = NLM_F_CREATE | NLM_F_ACK;
	return ask(socket, message, answer, sizeof(answer));
}

/* Attributes of one message, by number; those of a wrong length count as absent. */
#define ATTRIBUTES_MAX 32U
struct attributes {
	const struct nlattr *at[ATTRIBUTES_MAX];
};

static int collect(const struct nlattr *attribute, void *data)
{
	struct attributes *attributes = data;
	unsigned type = mnl_attr_get_type(attribute);

	if (type < ATTRIBUTES_MAX)
		attributes->at[type] = attribute;
	return MNL_CB_OK;
}

static bool copy_bytes(const struct attributes *attributes, unsigned type, void *to,
		       unsigned length)
{
	const struct nlattr *attribute = attributes->at[type];

	if (!attribute || mnl_attr_get_payload_len(attribute) != length)
		return false;
	memcpy(to, mnl_attr_get_payload(attribute), length);
	return true;
}

static uint8_t our_family(uint16_t family)
{
	switch (family) {
	case AF_INET:
		return 4;
	case AF_INET6:
		return 6;
	default:
		return 0;
	}
}

static int collect_all(const struct nlmsghdr *message, size_t header, struct attributes *attributes)
{
	memset(attributes, 0, sizeof(*attributes));
	if (mnl_nlmsg_get_payload_len(message) < header)
		return -EBADMSG;
	return mnl_attr_parse(message, (unsigned)header, collect, attributes) < 0 ? -EBADMSG : 0;
}

/* RTA_VIA: a gateway of another family (struct rtvia: family, then the address). */
static bool copy_via(const struct attributes *attributes, struct rtnl_route *route)
{
	const struct nlattr *via = attributes->at[RTA_VIA];
	uint16_t family;

	if (!via || mnl_attr_get_payload_len(via) < sizeof(family))
		return false;
	memcpy(&family, mnl_attr_get_payload(via), sizeof(family));
	route->gateway_family = our_family(family);
	if (!route->gateway_family ||
	    mnl_attr_get_payload_len(via) != sizeof(family) + ip_length(route->gateway_family))
		return false;
	memcpy(route->gateway, (const char *)mnl_attr_get_payload(via) + sizeof(family),
	       ip_length(route->gateway_family));
	return true;
}

int rtnl_route_parse(const struct nlmsghdr *message, struct rtnl_route *route)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(message);
	struct attributes attributes;
	uint32_t oif;
	int err = collect_all(message, sizeof(*rt), &attributes);

	memset(route, 0, sizeof(*route));
	if (err)
		return err;
	route->gateway_family = our_family(rt->rtm_family);
	if (!route->gateway_family)
		return -EBADMSG;
	if (rt->rtm_type != RTN_UNICAST || !copy_bytes(&attributes, RTA_OIF, &oif, sizeof(oif)))
		return -EHOSTUNREACH;
	route->ifindex = oif;
	route->has_gateway = copy_bytes(&attributes, RTA_GATEWAY, route->gateway,
					ip_length(route->gateway_family)) ||
			     copy_via(&attributes, route);
	return 0;
}

int rtnl_neighbour_parse(const struct nlmsghdr *message, struct rtnl_neighbour *neighbour)
{
	const struct ndmsg *nd = mnl_nlmsg_get_payload(message);
	struct attributes attributes;
	int err = collect_all(message, sizeof(*nd), &attributes);

	memset(neighbour, 0, sizeof(*neighbour));
	if (err)
		return err;
	neighbour->family = our_family(nd->ndm_family);
	if (!neighbour->family ||
	    !copy_bytes(&attributes, NDA_DST, neighbour->address, ip_length(neighbour->family)))
		return -EBADMSG;
	neighbour->ifindex = (unsigned)nd->ndm_ifindex;
	neighbour->state = message->nlmsg_type == RTM_DELNEIGH ? 0 : nd->ndm_state;
	neighbour->has_mac =
	    copy_bytes(&attributes, NDA_LLADDR, &neighbour->mac, sizeof(neighbour->mac));
	return 0;
}
