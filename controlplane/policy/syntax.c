/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/syntax.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sip/message.h"

#define ALPHA "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"
#define ALPHANUM ALPHA DIGIT

static bool only(const char *text, const char *allowed, size_t max)
{
	size_t length = strlen(text);

	return length > 0 && length <= max && strspn(text, allowed) == length;
}

const char *syntax_name(const char *text)
{
	if (only(text, ALPHANUM "._-", SYNTAX_NAME_MAX) && text[0] != '-')
		return NULL;
	return "must be 1 to 63 letters, digits, dots, underscores or hyphens";
}

const char *syntax_path(const char *text)
{
	if (text[0] == '/' && strlen(text) <= SYNTAX_PATH_MAX)
		return NULL;
	return "must be an absolute path of at most 1024 bytes";
}

const char *syntax_socket(const char *text)
{
	if (text[0] == '/' && strlen(text) <= SYNTAX_SOCKET_MAX)
		return NULL;
	return "must be an absolute path of at most 107 bytes (a unix socket)";
}

const char *syntax_interface(const char *text)
{
	if (only(text, ALPHANUM "._-", SYNTAX_INTERFACE_MAX) && text[0] != '-')
		return NULL;
	return "must be the name of a media interface of the data plane: 1 to 15 letters, digits, "
	       "dots, underscores or hyphens";
}

/* RFC 1123 2.1: letters, digits and inner hyphens, at most 63. */
static size_t label_length(const char *text)
{
	size_t length = strspn(text, ALPHANUM "-");

	if (length == 0 || length > 63 || text[0] == '-' || text[length - 1] == '-')
		return 0;
	return length;
}

const char *syntax_fqdn(const char *text)
{
	static const char must[] =
	    "must be a fully qualified domain name, such as relay.example.com";
	const char *label = text;
	unsigned labels = 0;

	if (strlen(text) > SYNTAX_FQDN_MAX)
		return must;
	for (;;) {
		size_t length = label_length(label);

		if (length == 0)
			return must;
		labels++;
		if (label[length] == '\0')
			break;
		if (label[length] != '.')
			return must;
		label += length + 1;
	}
	/* a last label of digits alone would be an IPv4 address (RFC 3696 2) */
	return labels >= 2 && strspn(label, DIGIT) != strlen(label) ? NULL : must;
}

int address_parse(const char *text, uint16_t port, struct sockaddr_storage *to)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
	}
	return to->ss_family;
}

int address_is_any(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET)
		return v4->sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

void address_format(const struct sockaddr_storage *address, char *text, unsigned size)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
	const void *bytes = address->ss_family == AF_INET ? (const void *)&v4->sin_addr
							  : (const void *)&v6->sin6_addr;

	if (!inet_ntop(address->ss_family, bytes, text, size))
		text[0] = '\0';
}

/* An IPv4 address in IPv6 clothes would be a second spelling of one source. */
static bool is_unicast(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) < 0xe0000000U;
	return !IN6_IS_ADDR_MULTICAST(&v6->sin6_addr) && !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) &&
	       !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr);
}

const char *syntax_address(const char *text)
{
	struct sockaddr_storage address;

	if (address_parse(text, 0, &address) != 0 && is_unicast(&address))
		return NULL;
	return "must be an IPv4 or IPv6 address, unicast and not link-local, such as 192.0.2.1 or "
	       "2001:db8::1";
}

const char *syntax_host(const char *text)
{
	struct sockaddr_storage address;

	if (syntax_fqdn(text) == NULL)
		return NULL;
	if (address_parse(text, 0, &address) != 0 && is_unicast(&address) &&
	    !address_is_any(&address))
		return NULL;
	return "must be a domain name or address that peers can reach, such as relay.example.com";
}

/* What stands between quotes without escapes (RFC 7616 3.4). */
const char *syntax_auth_user(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\' ||
		    text[i] == ':')
			length = 0;
	return length > 0 && length <= SYNTAX_NAME_MAX
		   ? NULL
		   : "must be 1 to 63 printable characters without quote, backslash and colon";
}

/* What stands between quotes without escapes, and in a field of a file of users. */
const char *syntax_realm(const char *text)
{
	return syntax_auth_user(text) && syntax_host(text)
		   ? "must be 1 to 63 printable characters without quote, backslash and colon"
		   : NULL;
}

/* Whether all bits of the address behind the first are 0. */
static bool ends_with_zeros(const unsigned char *bytes, unsigned length, unsigned first)
{
	for (unsigned bit = first; bit < length * 8; bit++)
		if (bytes[bit / 8] & 0x80U >> bit % 8)
			return false;
	return true;
}

int network_parse(const char *text, struct sockaddr_storage *to, unsigned *bits)
{
	const char *slash = strchr(text, '/');
	char host[INET6_ADDRSTRLEN];
	const void *bytes;
	unsigned length;

	if (!slash || (size_t)(slash - text) >= sizeof(host) || !only(slash + 1, DIGIT, 3))
		return 0;
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	*bits = (unsigned)strtoul(slash + 1, NULL, 10);
	if (address_parse(host, 0, to) == 0)
		return 0;
	length = to->ss_family == AF_INET ? 4 : 16;
	bytes = length == 4 ? (const void *)&((struct sockaddr_in *)to)->sin_addr
			    : (const void *)&((struct sockaddr_in6 *)to)->sin6_addr;
	return *bits > 0 && *bits <= length * 8 && ends_with_zeros(bytes, length, *bits)
		   ? to->ss_family
		   : 0;
}

const char *syntax_network(const char *text)
{
	struct sockaddr_storage address;
	unsigned bits;

	return network_parse(text, &address, &bits)
		   ? NULL
		   : "must be a prefix with nothing behind it, such as 192.0.2.0/24 or "
		     "2001:db8::/32";
}

/* RFC 3261 25.1: unreserved, and the signs of telephone numbers */
const char *syntax_user(const char *text)
{
	return only(text, ALPHANUM "-_.!~*'()+", SYNTAX_NAME_MAX)
		   ? NULL
		   : "must be 1 to 63 letters, digits or signs that a user part has without "
		     "escapes";
}

const char *syntax_aor(const char *text)
{
	struct sip_uri uri;

	if (strlen(text) <= SYNTAX_AOR_MAX && sip_uri_parse(&uri, str_of(text)) == 0 &&
	    (uri.scheme == SIP_SCHEME_SIP || uri.scheme == SIP_SCHEME_SIPS) && uri.user.len > 0 &&
	    !uri.password.ptr && !uri.params.ptr && !uri.headers.ptr && !uri.port)
		return NULL;
	return "must be an address of record, sip:USER@DOMAIN without port and parameters";
}
