/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

int net_address_parse(struct sockaddr_storage *address, const char *text, uint16_t port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
		address->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1)
		address->ss_family = AF_INET6;
	else
		return -EINVAL;
	net_address_set_port(address, port);
	return 0;
}

void net_address_format(char text[NET_ADDRESS_TEXT], const struct sockaddr *address)
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)address;

		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		snprintf(text, NET_ADDRESS_TEXT, "%s:%u", host, ntohs(in->sin_port));
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		snprintf(text, NET_ADDRESS_TEXT, "[%s]:%u", host, ntohs(in6->sin6_port));
	} else {
		snprintf(text, NET_ADDRESS_TEXT, "?");
	}
}

socklen_t net_address_length(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					      : sizeof(struct sockaddr_in);
}

void net_address_copy(struct sockaddr_storage *to, const struct sockaddr *from)
{
	memset(to, 0, sizeof(*to));
	memcpy(to, from,
	       from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					   : sizeof(struct sockaddr_in));
}

void net_address_set_port(struct sockaddr_storage *address, uint16_t port)
{
	if (address->ss_family == AF_INET6)
		((struct sockaddr_in6 *)address)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)address)->sin_port = htons(port);
}

bool net_address_is_any(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr);
	return ((const struct sockaddr_in *)address)->sin_addr.s_addr == htonl(INADDR_ANY);
}

int net_address_compare_host(const struct sockaddr *a, const struct sockaddr *b)
{
	if (a->sa_family != b->sa_family)
		return a->sa_family < b->sa_family ? -1 : 1;
	if (a->sa_family == AF_INET6)
		return memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
			      &((const struct sockaddr_in6 *)b)->sin6_addr, 16);
	return memcmp(&((const struct sockaddr_in *)a)->sin_addr,
		      &((const struct sockaddr_in *)b)->sin_addr, 4);
}

static uint16_t port_be(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET6)
		return ((const struct sockaddr_in6 *)address)->sin6_port;
	return ((const struct sockaddr_in *)address)->sin_port;
}

bool net_address_same(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	return a->ss_family != AF_UNSPEC && a->ss_family == b->ss_family &&
	       port_be(a) == port_be(b) &&
	       net_address_compare_host((const struct sockaddr *)a, (const struct sockaddr *)b) ==
		   0;
}

uint64_t net_address_source(const struct sockaddr *address)
{
	uint64_t source = 0;

	if (address->sa_family == AF_INET6)
		memcpy(&source, &((const struct sockaddr_in6 *)address)->sin6_addr, sizeof(source));
	else
		source = ((const struct sockaddr_in *)address)->sin_addr.s_addr;
	return source;
}
