/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 3xx of the called side (RFC 3261 8.1.3.4), where its dial plan says `redirect: follow`: its
 * Contacts are tried in the order of their q, each as if the caller had called its user part. So
 * the routes decide who that is; what host a Contact names counts for nothing.
 */
#pragma once

#include "b2bua/call.h"

#define REDIRECTS_MAX 5U         /* of one call */
#define REDIRECT_CONTACTS_MAX 5U /* of one response */

/*
 * The first INVITE to leg was answered with response. way: dial_way() before its early dialogs were
 * forgotten. True: somebody else is being called, or the call has ended in the attempt.
 */
bool redirect_follow(struct leg *leg, enum dial_way way, const struct sip_message *response);
