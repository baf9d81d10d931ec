/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form of single values. Each returns NULL when the text is right, else what it must be, as the
 * end of a sentence that begins with the value.
 */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

#define SYNTAX_NAME_MAX 63U
#define SYNTAX_FQDN_MAX 253U /* RFC 1035 2.3.4 */
#define SYNTAX_PATH_MAX 1024U
#define SYNTAX_SOCKET_MAX 107U   /* sun_path with its NUL */
#define SYNTAX_INTERFACE_MAX 15U /* SLUICE_NAME_MAX with its NUL */
#define SYNTAX_AOR_MAX 320U

const char *syntax_name(const char *text);
const char *syntax_path(const char *text);
const char *syntax_socket(const char *text);
const char *syntax_interface(const char *text);
const char *syntax_fqdn(const char *text);
const char *syntax_address(const char *text); /* IPv4 or IPv6 unicast, or the unspecified address */
const char *syntax_host(const char *text);    /* FQDN, or address that can be reached */
const char *syntax_auth_user(const char *text);
const char *syntax_realm(const char *text);
const char *syntax_network(const char *text); /* "192.0.2.0/24", no bit set behind the prefix */
const char *syntax_aor(const char *text);     /* "sip:user@domain", nothing more */
const char *syntax_user(const char *text);    /* a user part that needs no escape */
/* of routes; what patterns are: route/pattern.h */
const char *syntax_pattern(const char *text);
const char *syntax_header_name(const char *text);  /* a token (RFC 3261 25.1) */
const char *syntax_header_value(const char *text); /* of one line */
const char *syntax_header_pattern(
    const char *text); /* its length; header/pattern.h does the rest */
const char *syntax_translated(const char *text);
const char *syntax_replacement(const char *text);
const char *syntax_number(const char *text); /* not a pattern */
const char *syntax_hours(const char *text);
const char *syntax_day(const char *text);
const char *syntax_header_match(const char *text); /* "NAME: PATTERN" */

/* Fills to with the address and port; returns the family, or 0: not an IPv4 or IPv6 address. */
int address_parse(const char *text, uint16_t port, struct sockaddr_storage *to);
/* The same of a prefix, with its length in *bits; 0: not one, or a bit behind it is set. */
int network_parse(const char *text, struct sockaddr_storage *to, unsigned *bits);
/* 0.0.0.0 or :: */
int address_is_any(const struct sockaddr_storage *address);
/* The one spelling of an address, to compare by (RFC 5952). size: at least INET6_ADDRSTRLEN. */
void address_format(const struct sockaddr_storage *address, char *text, unsigned size);
