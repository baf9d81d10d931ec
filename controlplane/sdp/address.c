/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "sdp/scan.h"

/* Longest: an IPv6 literal with an IPv4 tail, or a host name of 255 (RFC 1035). */
#define HOST_MAX 255U

static bool is_host_text(struct str host)
{
	if (host.len == 0 || host.len > HOST_MAX)
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];
		bool alphanumeric =
		    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!alphanumeric && !memchr(".-_:/", c, 5))
			return false;
	}
	return true;
}

bool sdp_address_read(struct sdp_address *address, struct str fields)
{
	struct str network, type;
	char host[HOST_MAX + 1];

	*address = (struct sdp_address){0};
	if (!sdp_scan_field(&fields, ' ', &network) || !sdp_scan_field(&fields, ' ', &type))
		return false;
	if (fields.len > 1 && fields.ptr[fields.len - 1] == ' ')
		fields.len--;
	if (!sdp_scan_is_token(network) || !sdp_scan_is_token(type) || !is_host_text(fields))
		return false;
	if (!str_eq(network, STR("IN")))
		return true;

	memcpy(host, fields.ptr, fields.len);
	host[fields.len] = '\0';
	if (str_eq(type, STR("IP4")) && inet_pton(AF_INET, host, address->ip) == 1)
		address->family = 4;
	else if (str_eq(type, STR("IP6")) && inet_pton(AF_INET6, host, address->ip) == 1)
		address->family = 6;
	return true;
}

bool sdp_address_format(const struct sdp_address *address, char text[SDP_ADDRESS_TEXT_MAX])
{
	char literal[INET6_ADDRSTRLEN];
	int family = address->family == 6 ? AF_INET6 : AF_INET;

	if (address->family != 4 && address->family != 6)
		return false;
	if (!inet_ntop(family, address->ip, literal, sizeof(literal)))
		return false;
	snprintf(text, SDP_ADDRESS_TEXT_MAX, "IP%u %s", address->family, literal);
	return true;
}

bool sdp_address_is_unspecified(const struct sdp_address *address)
{
	static const uint8_t zero[16];

	return (address->family == 4 && memcmp(address->ip, zero, 4) == 0) ||
	       (address->family == 6 && memcmp(address->ip, zero, 16) == 0);
}

bool sdp_address_is_unicast(const struct sdp_address *address)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}; /* ::ffff:0:0/96 */

	if (address->family == 4) /* 0/8 is "this network"; 224/4 multicast; 240/4 reserved */
		return address->ip[0] != 0 && address->ip[0] < 224;
	if (address->family == 6)
		return address->ip[0] != 0xff && memcmp(address->ip, mapped, 12) != 0 &&
		       !sdp_address_is_unspecified(address);
	return false;
}
