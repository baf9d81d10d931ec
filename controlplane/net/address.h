/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Socket addresses: text, comparison, length. IPv4 and IPv6. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define NET_ADDRESS_TEXT 64U

/* text: an IP address without brackets. 0 or -EINVAL. */
int net_address_parse(struct sockaddr_storage *address, const char *text, uint16_t port);
/* "192.0.2.1:5060", "[2001:db8::1]:5061" */
void net_address_format(char text[NET_ADDRESS_TEXT], const struct sockaddr *address);
socklen_t net_address_length(const struct sockaddr_storage *address);
void net_address_copy(struct sockaddr_storage *to, const struct sockaddr *from);
void net_address_set_port(struct sockaddr_storage *address, uint16_t port);
/* 0.0.0.0 or :: */
bool net_address_is_any(const struct sockaddr_storage *address);
/* Orders by family and host; the port does not count. */
int net_address_compare_host(const struct sockaddr *a, const struct sockaddr *b);
/* The same host and port; two without a family are not the same. */
bool net_address_same(const struct sockaddr_storage *a, const struct sockaddr_storage *b);
/* What limits count as one source: an IPv4 address, or the /64 that one IPv6 site has. */
uint64_t net_address_source(const struct sockaddr *address);
